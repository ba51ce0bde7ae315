import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {snapshot, writeFiles} from '../helpers/files.ts'
import {applied, current, failed, resultOf} from '../helpers/migrate-result.ts'
import {test} from '../helpers/test.ts'

const shard = (index: number) => ({shard: {index, count: 2}})

describe('strat migrate merge', () => {
  test('prints the whole run, and exits as it would have', async ({folder, strat}) => {
    const databases = [applied('live-a', '0002_a'), failed('live-b', 'no such table: trades', {statement: 'DROP TABLE trades', suggestions: ['Look at it.']})]
    await writeFiles(folder, {'1.json': JSON.stringify(resultOf(databases, shard(1))), '2.json': JSON.stringify(resultOf([current('live-c')], shard(2)))})
    const before = await snapshot(folder)
    const {code, stdout, stderr} = await strat('migrate merge 1.json 2.json')
    expect({code, stdout}).toEqual({
      code: 3,
      stdout: 'NAME\tSTATUS\tDETAIL\nlive-a\tapplied\t0002_a\nlive-b\tfailed\tMIGRATION_FAILED\nlive-c\tcurrent\tnothing to do\n',
    })
    expect(stderr).toBe(
      [
        'Warning: 1 failure, as in live-b: no such table: trades',
        '  Statement: DROP TABLE trades',
        '  Try: Look at it.',
        'Next: mend the causes, then the same command again: nothing is done twice.\n',
      ].join('\n'),
    )
    const {code: same, json, stderr: silence} = await strat('migrate merge 2.json 1.json --json')
    expect({same, json, silence}).toEqual({same: 3, json: resultOf([...databases, current('live-c')]), silence: ''})
    expect(await snapshot(folder)).toEqual(before)
  })

  test.for([
    [0, {}],
    [130, {interrupted: true}],
  ] as const)('exits with %i', async ([exit, rest], {folder, strat}) => {
    await writeFiles(folder, {'1.json': JSON.stringify(resultOf([], {...shard(1), ...rest})), '2.json': JSON.stringify(resultOf([], shard(2)))})
    expect((await strat('migrate merge 1.json 2.json --json')).code).toBe(exit)
  })

  test('tells GitHub Actions, also with --json', async ({folder, strat}) => {
    await writeFiles(folder, {'1.json': JSON.stringify(resultOf([failed('live-a', 'boom')], {shard: {index: 1, count: 1}}))})
    const env = {GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(folder, 'summary.md')}
    const {code, stderr} = await strat('migrate merge 1.json --json', {env})
    expect({code, stderr}).toEqual({code: 3, stderr: '::error title=strat migrate%3A 1 database failed%2C as in live-a::boom\n'})
    expect(await readFile(env.GITHUB_STEP_SUMMARY, 'utf8')).toContain('| live-a | failed |')
  })

  test('without a file is a wrong usage', async ({strat}) => {
    expect((await strat('migrate merge --json')).json.error.code).toBe('USAGE')
  })
})
