import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect} from 'vitest'
import {isInShard} from '../../../src/fleet/shard.ts'
import {mergeReports} from '../../../src/migrator/merge.ts'
import type {MigratedDatabase, MigrateResult} from '../../../src/migrator/result.ts'
import {writeFiles} from '../../helpers/files.ts'
import {applied, current, failed, resultOf, skipped} from '../../helpers/migrate-result.ts'
import {test} from '../../helpers/test.ts'

const shard = (index: number, databases: MigratedDatabase[] = [], rest: Partial<MigrateResult> = {}) => resultOf(databases, {shard: {index, count: 2}, ...rest})
const json = (result: unknown) => JSON.stringify(result, null, 2)

/** As `--json --stream` writes a result. */
const stream = ({databases, ...rest}: MigrateResult) =>
  [{type: 'start', run: rest.run, shard: rest.shard}, ...databases.map((database) => ({type: 'database', ...database})), {type: 'summary', ...rest}]
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('')

/** Merges files of these contents, in this order: `1.json`, `2.json`, … */
async function merged(folder: string, ...contents: string[]): Promise<MigrateResult> {
  const files = contents.map((_, index) => `${index + 1}.json`)
  await writeFiles(folder, Object.fromEntries(files.map((file, index) => [file, contents[index] ?? ''])))
  return mergeReports(files.map((file) => join(folder, file)))
}

describe('the reports of shards', () => {
  test('become the result of the whole run', async ({folder}) => {
    const first = shard(1, [applied('live-b', '0002_a'), failed('live-d', 'boom', {statement: 'SELECT 1'})], {unmarked: ['notes']})
    const second = shard(2, [skipped('live-a', 'Open.'), current('live-c'), failed('live-e', 'boom')], {kindRuns: 2, interrupted: true, unmarked: ['more']})
    expect(await merged(folder, json(second), json(first))).toEqual({
      run: 'run-1',
      kindRuns: 2,
      drift: [],
      rehearsals: [],
      warnings: [],
      shard: null,
      databases: [
        skipped('live-a', 'Open.'),
        applied('live-b', '0002_a'),
        current('live-c'),
        failed('live-d', 'boom', {statement: 'SELECT 1'}),
        failed('live-e', 'boom'),
      ],
      unmarked: ['more', 'notes'],
      interrupted: true,
      summary: {applied: 1, current: 1, skipped: 1, failed: 2, causes: [{reason: 'boom', count: 2, example: 'live-d'}]},
    })
  })

  test('may be streams of lines', async ({folder}) => {
    const results = [shard(1, [applied('live-a', '0002_a')]), shard(2, [failed('live-b', 'boom')])] as const
    const expected = await merged(folder, ...results.map(json))
    expect(await merged(folder, ...results.map(stream))).toEqual(expected)
    expect(await merged(folder, stream(results[0]), json(results[1]))).toEqual(expected)
  })

  test('may be on one line, and empty', async ({folder}) => {
    expect(await merged(folder, JSON.stringify(shard(1)), JSON.stringify(shard(2)))).toEqual(resultOf([]))
  })

  test('are the run again, however it is divided', async ({folder}) => {
    const outcome = fc.constantFrom(
      applied,
      current,
      (name: string) => failed(name, `${name} is full.`),
      (name: string) => skipped(name, 'Open.'),
    )
    const databases = fc.uniqueArray(fc.tuple(fc.stringMatching(/^(stage|live)-[a-z0-9]{1,8}$/), outcome), {selector: ([name]) => name})
    await fc.assert(
      fc.asyncProperty(databases, fc.integer({min: 1, max: 8}), fc.boolean(), async (fleet, count, streamed) => {
        const whole = fleet.map(([name, outcomeOf]) => outcomeOf(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
        const shards = Array.from({length: count}, (_, index) => ({index: index + 1, count}))
        const reports = shards.map((shard) =>
          resultOf(
            whole.filter(({name}) => isInShard(name, shard)),
            {shard},
          ),
        )
        expect(await merged(folder, ...reports.map(streamed ? stream : json))).toEqual(resultOf(whole))
      }),
      {numRuns: 50},
    )
  })
})

describe('what is no report of a shard of the run is refused', () => {
  const whole = json(shard(1, [current('live-a')]))
  const lines = stream(shard(1, [current('live-a'), current('live-b')]))
  const error = {error: {code: 'TURSO_UNAUTHENTICATED', message: 'There is no platform token.', suggestions: []}}
  const start = JSON.stringify({type: 'start', run: 'run-1', shard: {index: 1, count: 2}})

  test.for<[string, string, string, RegExp]>([
    ['JSON that was cut off', whole.slice(0, -10), 'REPORT_INVALID', /1\.json .*: it is not JSON, or was cut off\.$/],
    ['an empty file', '', 'REPORT_INCOMPLETE', /1\.json .*: it is empty\.$/],
    ['an error', json(error), 'REPORT_INCOMPLETE', /1\.json .*: it ended with an error: There is no platform token\.$/],
    ['other JSON', '{"strategies": []}', 'REPORT_INVALID', /: run is not as strat migrate writes it\.$/],
    ['a list', '[]', 'REPORT_INVALID', /1\.json/],
    ['null', 'null', 'REPORT_INVALID', /: it is no report\.$/],
    ['an outcome that there is not', whole.replace('"current"', '"fine"'), 'REPORT_INVALID', /: databases\.0\.status is not as/],
    ['a database without a name', whole.replace('"live-a"', '""'), 'REPORT_INVALID', /: databases\.0\.name is not as/],
    ['an error code that there is not', json(shard(1, [failed('live-a', 'boom')])).replace('MIGRATION_FAILED', 'BOOM'), 'REPORT_INVALID', /databases\.0\.code/],
    ['a shard that there is not', whole.replace('"index": 1', '"index": 3'), 'REPORT_INVALID', /: shard is not as/],
    ['more shards than there may be', whole.replace('"count": 2', '"count": 1000000000'), 'REPORT_INVALID', /: shard\.count is not as/],
    ['a summary of other databases', whole.replace('"current": 1', '"current": 2'), 'REPORT_INVALID', /counts other databases than it holds/],
    ['the report of a whole run', json(resultOf([current('live-a')])), 'REPORT_MISMATCH', /1\.json is the report of a whole run already/],
    [
      'lines without the last',
      lines.slice(0, lines.indexOf('{"type":"summary"')),
      'REPORT_INCOMPLETE',
      /^Shard 1\/2 \(.*\) .*: it was stopped before its end\.$/,
    ],
    ['lines that were cut off', lines.slice(0, -20), 'REPORT_INCOMPLETE', /^Shard 1\/2 .*: it was stopped before its end\.$/],
    ['lines of which one is broken', lines.replace('"live-a"', '"live-a'), 'REPORT_INVALID', /: line 2 is not as/],
    ['lines of which one is missing', lines.replace(/.*"live-a".*\n/, ''), 'REPORT_INVALID', /counts other databases than it holds/],
    [
      'lines that end with an error',
      `${start}\n${json(error)}\n`,
      'REPORT_INCOMPLETE',
      /^Shard 1\/2 .*: it ended with an error: There is no platform token\.$/,
    ],
    ['lines that end with an error on one', `${start}\n${JSON.stringify(error)}\n`, 'REPORT_INCOMPLETE', /^Shard 1\/2 .*ended with an error/],
  ])('%s', async ([, content, code, message], {folder}) => {
    await expect(merged(folder, content, json(shard(2)))).rejects.toMatchObject({code, message: expect.stringMatching(message)})
  })

  test('a file that cannot be read', async ({folder}) => {
    await expect(mergeReports([join(folder, 'gone.json')])).rejects.toMatchObject({
      code: 'REPORT_INVALID',
      message: expect.stringMatching(/gone\.json .*no such file\.$/),
    })
    await expect(mergeReports([folder])).rejects.toMatchObject({code: 'REPORT_INVALID', message: expect.stringContaining(folder)})
  })

  test('a report of another run', async ({folder}) => {
    await expect(merged(folder, whole, json(shard(2, [], {run: 'run-2'})))).rejects.toMatchObject({
      code: 'REPORT_MISMATCH',
      message: expect.stringMatching(/2\.json is of the run run-2, .*1\.json of run-1\.$/),
    })
  })

  test('a report of other shards', async ({folder}) => {
    await expect(merged(folder, whole, json(resultOf([], {shard: {index: 2, count: 3}})))).rejects.toMatchObject({
      code: 'REPORT_MISMATCH',
      message: expect.stringMatching(/2\.json is of shard 2\/3, .*1\.json of 1\/2\.$/),
    })
  })

  test('the same shard twice', async ({folder}) => {
    await expect(merged(folder, whole, json(shard(1)))).rejects.toMatchObject({
      code: 'REPORT_MISMATCH',
      message: expect.stringMatching(/1\.json and .*2\.json are both of shard 1\/2\.$/),
    })
  })

  test('a database in two shards', async ({folder}) => {
    await expect(merged(folder, whole, json(shard(2, [current('live-a')])))).rejects.toMatchObject({
      code: 'REPORT_MISMATCH',
      message: expect.stringMatching(/^live-a is in .*1\.json and .*2\.json twice\.$/),
    })
  })

  test('shards that are missing are named, with how to run them', async ({folder}) => {
    await expect(merged(folder, json(resultOf([], {shard: {index: 2, count: 4}})), json(resultOf([], {shard: {index: 4, count: 4}})))).rejects.toMatchObject({
      code: 'REPORT_INCOMPLETE',
      message: 'The report of shard 1/4, 3/4 is missing.',
      suggestions: expect.arrayContaining(['strat migrate --all --shard 1/4 --run run-1 --json']),
    })
  })
})
