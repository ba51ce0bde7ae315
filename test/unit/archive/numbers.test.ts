import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {moveClosedTrades} from '../../../src/archive/move.ts'
import {openLibsql} from '../../../src/server/sql/libsql.ts'
import {closedBefore, opening, type Pair, rowsIn, usingPair} from '../../helpers/archive-pair.ts'

/** Of each of these the shortest text that reads back the same in JavaScript is read with another last place by libSQL (3.45.1 on x86-64). */
const misread = [
  6106.310686994148, 7500.821100976455, 7295.188425212938, 6620.095726371203, 7163.595975903208, 8033.892751869525, 9150.52470853666, 9367.01383156672,
  7120.353484348037, 5940.415621276406, 7139.958917141857, 8721.85507092844, 3030.827454536706, 2169.492598227597, 8118.924054753164, 5063.650014791177,
  -3.330048372217474e-11, 395098.3465264806, 5.464949426309299e-11, 0.0000618311359377813, 7053614.216164432, -0.0002028134490747492, -19.08136824318475,
  -0.00000660079225921017, 0.0019994909877995, -0.00001715300924011508, -1475.606107195042, -0.007018392529144686, 1.348604214275413e-50,
  4.087014837078259e-147, -7.708862258595029e-171, 1.878212719172364e251, -1.566765803804725e224, -5.814813685116331e-108, 1.040843779101558e-296,
  -2.97789936389255e-139, 1.393277809770072e-308, 5.42886982546516e-309, 1.830665241335231e-308, 1.205596170633878e-308,
]

/** Around where SQLite and JavaScript begin or end to take a number for a whole one, or for one at all. */
const edges = [
  2 ** 51 - 1,
  2 ** 51,
  2 ** 51 + 1,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  1e16,
  2 ** 63,
  1e19,
  1e21,
  1e22,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  2.2e-308,
  0.1,
  0,
]

type Value = number | bigint | string | null
/** What a trade has in its columns of numbers. */
type Numbers = [timestamp: Value, quantity: Value, price: Value, pnl: Value]

/** Every value with its type, as its database has it. */
const content = (pair: Pair, at: 'source' | 'archive') => {
  const columns = ['timestamp', 'quantity', 'price', 'pnl'].flatMap((column) => [
    `typeof(${column}) AS type_${column}`,
    `CAST(${column} AS TEXT) AS text_${column}`,
    `iif(typeof(${column}) = 'integer', NULL, ${column}) AS ${column}`,
  ])
  return rowsIn(pair, pair[at], `SELECT id, ${columns.join(', ')} FROM trade_logs ORDER BY id`)
}

/** Writes trades with these numbers, moves them, and returns how the source had them and how the archive has them. */
async function moveNumbers(list: Numbers[]) {
  let moved: [before: unknown, after: unknown] | undefined
  await usingPair(async (pair) => {
    const database = openLibsql(pair.source.file)
    const insert = database.prepare("INSERT INTO trade_logs VALUES (?, ?, ?, 'BUY', ?, ?, 'ENTRY', ?)")
    for (const [index, [timestamp, quantity, price, pnl]] of list.entries())
      insert.run([String(index).padStart(6, '0'), timestamp, `S${index % 7}`, quantity, price, pnl])
    database.close()
    const before = content(pair, 'source')
    const result = await opening(pair, (source, archive) =>
      moveClosedTrades(
        {source, archive, toolVersion: '0.0.0', onProgress: () => undefined},
        {databaseId: 'id', strategy: 'stage-condor', selection: closedBefore('2026-06-01'), everything: true},
      ),
    )
    expect(result).toMatchObject({rows: list.length, stopped: 'done', left: []})
    expect(content(pair, 'source')).toEqual([])
    moved = [before, content(pair, 'archive')]
  })
  return moved ?? []
}

describe('the numbers of trades', () => {
  test('are moved to the last place, also those that libSQL reads wrongly from the shortest text', async () => {
    const [before, after] = await moveNumbers(
      [...misread, ...edges].flatMap((number): Numbers[] => [
        [null, 1, number, -number],
        [number, -number, 1, null],
      ]),
    )
    expect(after).toEqual(before)
  })

  test('keep their type, whatever a bot has written', async () => {
    const whole = [2n ** 51n - 1n, 2n ** 51n, 2n ** 53n - 1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)]
    const texts = ['', 'fifty', '1e', '0x10', '9'.repeat(30), '[1, 2]', '{"a": 1}', 'null', '1,5', '2026-05-01 09:15:00']
    const list = [...whole, ...texts].map((value): Numbers => [value, value, value, value])
    const [before, after] = await moveNumbers([...list, [null, 1, 1, null]])
    expect(after).toEqual(before)
  })

  test('are moved as they are, any double in any column', async () => {
    const value = fc.oneof(
      {arbitrary: fc.double({noNaN: true, noDefaultInfinity: true}), weight: 6},
      fc.double({min: -1e5, max: 1e5, noNaN: true}),
      fc.maxSafeInteger(),
      fc.string(),
    )
    const numbers = fc.tuple(value, value, value, fc.option(value))
    await fc.assert(
      fc.asyncProperty(fc.array(numbers, {minLength: 200, maxLength: 400}), async (list) => {
        const [before, after] = await moveNumbers(list)
        expect(after).toEqual(before)
      }),
      {numRuns: 8, endOnFailure: true},
    )
  })
})
