import {readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {archive, idsIn, insert, makeFleet, test} from '../helpers/archive-fleet.ts'
import {roundTrip} from '../helpers/archive-pair.ts'
import {execute} from '../helpers/database.ts'
import {databaseFile} from '../helpers/fleet.ts'

/** Copies a database with what is still in its write-ahead log. */
async function copyDatabase(from: string, to: string): Promise<void> {
  await rm(to, {force: true})
  await Promise.all(['-wal', '-shm'].map((part) => rm(to + part, {force: true})))
  await execute(from, `VACUUM INTO '${to}'`)
}

const inActions = (folder: string) => ({env: {GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(folder, 'summary.md')}})

describe('the head of the chain that is kept elsewhere', () => {
  test('keeps trades out of an archive that was set back, or is gone', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    const earlier = join(folder, 'earlier.db')
    await run('archive stage-condor')
    await copyDatabase(databaseFile(folder, archive), earlier)
    await insert(folder, 'stage-condor', roundTrip('NIFTY', '2025-02-01'))
    const {head} = (await run('archive stage-condor --json')).json
    await insert(folder, 'stage-condor', roundTrip('NIFTY', '2025-02-02'))
    const before = await idsIn(folder, 'stage-condor')
    await copyDatabase(earlier, databaseFile(folder, archive))
    for (const flags of [`--head ${head}`, `--head ${head} --dry-run`, `--into other-archive --head ${head}`]) {
      const {code, json} = await run(`archive --all --json ${flags}`)
      expect({code, error: json.error}, flags).toMatchObject({code: 1, error: {code: 'ARCHIVE_ALTERED', message: expect.stringContaining(head)}})
    }
    expect(await idsIn(folder, 'stage-condor')).toEqual(before)
    expect((await run('archive --all --head 123 --json')).json.error.code).toBe('USAGE')
    const {head: known} = (await run('archive verify --json')).json
    expect((await run(`archive --all --json --head ${known}`)).json).toMatchObject({summary: {moved: 4}})
    expect((await run(`archive --all --json --head ${known}`)).code).toBe(0)
  })

  test('is told to be the head, an ancestor of it, missing, or not given', async ({folder, run}) => {
    await makeFleet(run, folder, ['stage-condor'])
    const {head: first} = (await run('archive stage-condor --json')).json
    await insert(folder, 'stage-condor', roundTrip('NIFTY', '2025-02-01'))
    const {head} = (await run('archive stage-condor --json')).json
    expect((await run(`archive verify --head ${head}`)).stderr).toContain('It is the head that was given.')
    expect((await run(`archive verify --head ${first}`)).stderr).toContain('is before it')
    expect((await run('archive verify')).stderr).toContain('No head was given')
    const {code, stderr} = await run(`archive verify --head ${'0'.repeat(64)}`, inActions(folder))
    expect({code, stderr}).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^::error title=strat archive verify%3A 1 problem.*::head-missing: No batch has the head 000/m),
    })
  })
})

test('what is wrong with an archive is in the annotations and the summary of a job: how often, and where first', async ({folder, run}) => {
  await makeFleet(run, folder, ['stage-condor'])
  await run('archive stage-condor')
  await execute(
    databaseFile(folder, archive),
    ...['', '_batch', '_key'].map((name) => `DROP TRIGGER trade_logs_update${name}`),
    'UPDATE trade_logs SET pnl = 1 WHERE pnl IS NOT NULL',
  )
  const {stderr} = await run('archive verify', inActions(folder))
  expect(stderr).toMatch(/^::error title=strat archive verify%3A 10 problems%2C as in trade-logs-archive::row-altered, batch [-0-9a-f]{36}, trade NIFTY-/m)
  expect(await readFile(join(folder, 'summary.md'), 'utf8')).toMatch(/\| Problem \| Found \|.*\| row-altered \| 10 \|.*NIFTY-2025-01-10-0-c: The row is not/s)
})

test('what a bot has written begins no line of a log, and moves no cursor', async ({folder, run}) => {
  await makeFleet(run, folder, ['stage-condor'])
  const forged = '\n::error::forged\u001b[2J\r##[error]'
  await insert(folder, 'stage-condor', [
    [`id${forged}`, '2025-03-01 09:15:00', `SYMBOL${forged}`, 'BUY', 50, 1, 'ENTRY', 1],
    ...roundTrip(`CLOSED${forged}`, '2025-03-02'),
  ])
  await execute(databaseFile(folder, 'stage-condor'), "UPDATE trade_logs SET pnl = 9e999 WHERE id LIKE 'id%'")
  const outputs = []
  for (const args of [
    ['archive', '--all'],
    ['archive', 'explain', 'stage-condor', `SYMBOL${forged}`],
    ['archive', 'explain', 'stage-condor', `NONE${forged}`],
  ]) {
    const {stdout, stderr} = await run('', {...inActions(folder), args})
    outputs.push(stdout, stderr)
  }
  const output = outputs.join('\n')
  expect(output).toContain('forged')
  expect(output).not.toMatch(/^\s*(::error::forged|##\[)/m)
  expect(output).not.toContain('\u001b[2J')
  const annotation = output.split('\n').filter((line) => line.startsWith('::error'))
  expect(annotation).toEqual([expect.stringMatching(/^::error title=strat archive%3A 1 database failed%2C as in stage-condor::.*no archive takes/)])
})
