import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import type {MigrateResult} from '../../../src/migrator/result.ts'
import {reportToGitHubActions} from '../../../src/output/github-actions.ts'
import {migrationSummary} from '../../../src/output/job-summary.ts'
import {applied, current, failed, many, resultOf, skipped} from '../../helpers/migrate-result.ts'
import {recordedStream} from '../../helpers/stream.ts'
import {test} from '../../helpers/test.ts'

/** What GitHub is told of a result: the lines of the log, and the job summary. */
async function told(result: MigrateResult, folder: string, env: Record<string, string> = {}) {
  const stream = recordedStream()
  const file = join(folder, 'summary.md')
  await writeFile(file, 'Before.\n')
  await reportToGitHubActions('strat migrate', () => migrationSummary(result), {env: {GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: file, ...env}, stream})
  return {lines: stream.lines().slice(0, -1), summary: await readFile(file, 'utf8')}
}

/** As GitHub's runner reads a command (actions/runner, ActionCommand.cs). */
function readCommand(line = '') {
  const [, level, title = '', message = ''] = /^::(\w+) title=([^:,]*)::(.*)$/.exec(line) ?? []
  const decode = (text: string) => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%')
  return {level, title: decode(title), message: decode(message)}
}

describe('in GitHub Actions', () => {
  test('each cause of failures is an annotation', async ({folder}) => {
    const {lines} = await told(resultOf([failed('live-a', '100% full:\r\n a, b'), failed('live-b', 'boom'), failed('live-c', 'boom')]), folder)
    expect(lines.map(readCommand)).toEqual([
      {level: 'error', title: 'strat migrate: 2 databases failed, as in live-b', message: 'boom'},
      {level: 'error', title: 'strat migrate: 1 database failed, as in live-a', message: '100% full:\r\n a, b'},
    ])
  })

  test('the eleventh cause is counted: GitHub shows ten of a step', async ({folder}) => {
    const {lines} = await told(resultOf(many(12, (name) => failed(name, `cause ${'x'.repeat(Number(name.slice(5)))}`))), folder)
    expect(lines).toHaveLength(10)
    expect(readCommand(lines[9])).toEqual({level: 'error', title: 'strat migrate: 3 databases failed', message: 'For 3 more causes: see the job summary.'})
    expect((await told(resultOf(many(10, (name) => failed(name, `cause ${'x'.repeat(Number(name.slice(5)))}`))), folder)).lines[9]).toContain('as in live-')
  })

  test('the job summary has the outcomes, the causes, and each database, what failed first', async ({folder}) => {
    const databases = [current('live-a'), applied('live-b', '0002_a'), failed('live-c', 'no | table <b>`x`</b>\nat all'), skipped('live-d', 'Open.')]
    const {summary} = await told(resultOf(databases, {shard: {index: 2, count: 4}, unmarked: ['notes']}), folder)
    expect(summary).toBe(
      [
        'Before.',
        '### strat migrate, shard 2/4',
        '',
        'Run run-1: 1 applied, 1 current, 1 skipped, 1 failed',
        '',
        'Left alone, because not made by strat: 1',
        '',
        '| Outcome | Databases |',
        '| --- | --- |',
        '| failed | 1 |',
        '| skipped | 1 |',
        '| applied | 1 |',
        '| current | 1 |',
        '',
        '| Failed | As in | Cause |',
        '| --- | --- | --- |',
        '| 1 | live-c | no \\| table \\<b\\>\\`x\\`\\</b\\> at all |',
        '',
        '| Database | Outcome | Detail |',
        '| --- | --- | --- |',
        '| live-c | failed | MIGRATION\\_FAILED: no \\| table \\<b\\>\\`x\\`\\</b\\> at all |',
        '| live-d | skipped | OPEN\\_POSITIONS: Open. |',
        '| live-b | applied | 0002\\_a |',
        '| live-a | current |  |',
        '',
        '',
      ].join('\n'),
    )
  })

  test('the job summary stays far below what GitHub takes, and says how many it leaves out', async ({folder}) => {
    const failures = many(3000, (name) => failed(name, `${name}: ${'₹|'.repeat(2000)}`))
    const {summary} = await told(resultOf([...failures, ...many(7000, current)]), folder)
    expect(Buffer.byteLength(summary)).toBeLessThan(500_000)
    const rows = summary.match(/^\| live-\d+ \| failed/gm) ?? []
    expect(rows.length).toBeGreaterThan(100)
    expect(summary).toContain(`\n${10_000 - rows.length} more databases are not listed here.\n`)
    expect((await told(resultOf(many(1000, current)), folder)).summary).not.toContain('not listed')
  })

  test('a job summary that cannot be written is a warning', async ({folder}) => {
    const {lines} = await told(resultOf([current('live-a')]), folder, {GITHUB_STEP_SUMMARY: join(folder, 'nowhere', 'summary.md')})
    expect(lines).toHaveLength(1)
    expect(readCommand(lines[0])).toMatchObject({level: 'warning', message: expect.stringMatching(/^The job summary cannot be written: ENOENT/)})
  })

  test('nothing is needed where there is no file for a summary', async ({folder}) => {
    expect((await told(resultOf([failed('live-a', 'boom')]), folder, {GITHUB_STEP_SUMMARY: ''})).lines).toHaveLength(1)
  })
})

test('elsewhere nothing is told', async ({folder}) => {
  expect(await told(resultOf([failed('live-a', 'boom')]), folder, {GITHUB_ACTIONS: ''})).toEqual({lines: [], summary: 'Before.\n'})
})
