import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {type ClosedRule, closedPrefix, type SymbolResult} from '../../../src/archive/closed.ts'
import {keptReasons} from '../../../src/archive/kept-reasons.ts'
import type {LoggedTrade} from '../../../src/archive/logged-trade.ts'
import {openQuantities} from '../../../src/archive/open-positions.ts'
import {readTimestamp} from '../../../src/archive/timestamps.ts'
import {settledUntil} from '../../../src/archive/trading-day.ts'
import {oracle} from '../../helpers/closed-oracle.ts'
import {type History, histories, historyEnd, historySymbols, tradeAt} from '../../helpers/trade-histories.ts'

const holidays = ['2026-01-26']
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday']
const market = {timeZone: 'Asia/Kolkata', days: weekdays, open: '09:15', close: '15:30', holidays}
const now = historyEnd.getTime() * 1000
const clock = {now, settledUntil: settledUntil(market, now), archivedUntil: () => undefined}

const byTime = (a: LoggedTrade, b: LoggedTrade) =>
  (readTimestamp(a.timestamp)?.instant ?? Number.NEGATIVE_INFINITY) - (readTimestamp(b.timestamp)?.instant ?? Number.NEGATIVE_INFINITY) || 0

function close({symbol, rows}: History, rule: Pick<ClosedRule, 'openQuantityOf' | 'lenient'>) {
  const sorted = rows.toSorted(byTime)
  return {sorted, result: closedPrefix(symbol, sorted, {...clock, ...rule})}
}

/** The verdict on each row, by its id. */
function verdictsOf(sorted: LoggedTrade[], {cut, kept}: SymbolResult): Record<string, string> {
  const verdicts = [{rows: cut?.rows ?? 0, reason: 'closed'}, ...kept].flatMap(({rows, reason}) => Array<string>(rows).fill(reason))
  return Object.fromEntries(sorted.map(({id}, index) => [id, verdicts[index]]))
}

/** Changes of one row that a bot with errors, or a person, might make. */
const spoil = fc.oneof(
  {arbitrary: fc.integer({min: 0, max: 100}).map((at) => ({timestamp: tradeAt(at, {}).timestamp})), weight: 6},
  fc.constantFrom<Partial<LoggedTrade>>(
    {timestamp: null},
    {timestamp: 1769000000},
    {timestamp: '2026-02-30 10:00:00'},
    {timestamp: '2026-01-20T10:00:00Z'},
    {timestamp: '2026-01-20 10:00:00.000001'},
    {timestamp: '2026-02-02 06:30:00.000001'},
    {quantity: 0},
    {quantity: -50},
    {quantity: 50.5},
    {quantity: 'fifty'},
    {action: 'HOLD'},
    {execution_reason: 'ROLL'},
    {execution_reason: 'ENTRY'},
    {price: 'free'},
    {pnl: null},
    {pnl: 'none'},
  ),
)

/** Ways to write all timestamps of a history. */
const formats: ((timestamp: string) => string)[] = [
  (timestamp) => timestamp,
  (timestamp) => `${timestamp}.5`,
  (timestamp) => `${timestamp.replace(' ', 'T')}Z`,
  (timestamp) => new Date(Date.parse(`${timestamp}+05:30`)).toISOString().replace('.000Z', '-05:30'),
]

const spoiled = fc
  .tuple(histories(['as planned', 'no entry', 'no exit']), fc.constantFrom(...formats), fc.array(fc.tuple(fc.nat(), spoil), {maxLength: 2}))
  .map(([history, format, changes]) => {
    const rows = history.rows.map((row) => ({...row, timestamp: format(String(row.timestamp))}))
    for (const [at, change] of changes)
      if (rows.length > 0) rows[at % rows.length] = {...tradeAt(0, {}), ...rows[at % rows.length], ...change} as (typeof rows)[0]
    return {...history, rows}
  })

describe('which rows are closed, in histories with partial exits, re-entries, condors, shared seconds, late rows and errors', () => {
  test('is what a second implementation says, that is slow and follows the rules to the letter, with its reason for each row that is kept', () => {
    const seen = new Set<string>()
    const calendar = new Intl.DateTimeFormat('sv', {timeZone: 'Asia/Kolkata'})
    const dateOf = (millis: number) => calendar.format(millis)
    const isTradingDay = (date: string) => !holidays.includes(date) && ![0, 6].includes(new Date(date).getUTCDay())
    fc.assert(
      fc.property(spoiled, fc.boolean(), (history, lenient) => {
        const {symbol, rows, positions} = history
        const {sorted, result} = close(history, {openQuantityOf: openQuantities(positions), lenient})
        const isOn = (position: string) => (historySymbols[symbol] as string[]).includes(position)
        const expected = oracle({rows, positions, isOn, lenient, now: historyEnd, dateOf, isTradingDay})
        expect(verdictsOf(sorted, result)).toEqual(expected)
        for (const verdict of Object.values(expected)) seen.add(verdict)
      }),
      {numRuns: 10_000},
    )
    // Else the histories would show too little.
    const {SYMBOL_INVALID: _, ID_INVALID: __, ROW_TOO_LARGE: ___, ...reasons} = keptReasons
    expect([...seen].sort()).toEqual([...Object.keys(reasons), 'closed'].sort())
  })

  const rowsOfOpenLegs = ({openRows}: History, {sorted, result}: ReturnType<typeof close>) =>
    sorted.slice(0, result.cut?.rows ?? 0).filter(({id}) => openRows.has(id))

  test('is never a row of an open leg, also where nothing is known of the positions', () => {
    let closed = 0
    fc.assert(
      fc.property(histories(), (history) => {
        const closing = close(history, {openQuantityOf: () => undefined, lenient: false})
        expect(rowsOfOpenLegs(history, closing)).toEqual([])
        if (history.openRows.size > 0 && closing.result.cut) closed++
      }),
      {numRuns: 6_000},
    )
    expect(closed).toBeGreaterThan(100)
  })

  test.each(['no entry', 'no exit'] as const)('is never a row of an open leg when a position may be open (lenient), and some legs have %s', (fate) => {
    let closed = 0
    fc.assert(
      fc.property(histories(['as planned', fate]), (history) => {
        const closing = close(history, {openQuantityOf: openQuantities(history.positions), lenient: true})
        expect(rowsOfOpenLegs(history, closing)).toEqual([])
        if (history.openRows.size > 0 && closing.result.cut) closed++
      }),
      {numRuns: 2_000},
    )
    expect(closed).toBeGreaterThan(10)
  })
})
