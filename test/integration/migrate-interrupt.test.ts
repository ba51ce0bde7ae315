import type {ChildProcess} from 'node:child_process'
import {setTimeout} from 'node:timers/promises'
import {describe, expect} from 'vitest'
import {query} from '../helpers/database.ts'
import {type DevServer, usingDev} from '../helpers/dev.ts'
import {initial, migration, ownMigrations, writeFiles} from '../helpers/files.ts'
import {databaseFile, makeFleet} from '../helpers/fleet.ts'
import {runStrat} from '../helpers/strat.ts'
import {test} from '../helpers/test.ts'

const names = Array.from({length: 10}, (_, index) => `stage-${index}`)

async function makePending(folder: string): Promise<void> {
  await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
  await makeFleet(folder, names)
  await writeFiles(folder, {
    'migrations/strategy/0002_twice.ts': migration('UPDATE portfolio_state SET capital_allocated = capital_allocated * 2 WHERE id > 0'),
  })
}

/** How many databases have the migration. */
async function countApplied(folder: string): Promise<number> {
  const counts = await Promise.all(names.map((name) => query(databaseFile(folder, name), 'SELECT count(*) AS executed FROM kysely_migration')))
  return counts.filter(([row]) => row?.['executed'] === 2).length
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await isTrue()); await setTimeout(20)) if (Date.now() > deadline) throw new Error(`Never: ${what}`)
}

/** Starts a run through a server, and lends its process and what it has written to stderr so far. */
function startRun(folder: string, dev: DevServer, args: string) {
  const process = Promise.withResolvers<ChildProcess>()
  const written = {stdout: '', stderr: ''}
  const result = runStrat(args.split(' '), {
    cwd: folder,
    env: dev.variables(),
    onSpawn(child) {
      child.stdout?.on('data', (text) => (written.stdout += text))
      child.stderr?.on('data', (text) => (written.stderr += text))
      process.resolve(child)
    },
  })
  return {process: process.promise, written, result}
}

describe('Ctrl-C in the middle of a run', () => {
  test.for([
    ['SIGINT', ''],
    ['SIGTERM', ' --json'],
  ] as const)('(%s%s) finishes what has begun, leaves alone what waits, and tells of each', async ([signal, json], {folder, strat}) => {
    await makePending(folder)
    await usingDev(folder, ['--latency', '150'], async (dev) => {
      const run = startRun(folder, dev, `migrate --all --yes --concurrency 2${json}`)
      const child = await run.process
      await until('one is applied', async () => (await countApplied(folder)) > 0)
      child.kill(signal)
      const {code, stdout, stderr} = await run.result
      expect(code).toBe(130)
      const outcomes = json
        ? JSON.parse(stdout).databases.map(({status, code: reason}: Record<string, string>) => reason ?? status)
        : stdout
            .trimEnd()
            .split('\n')
            .slice(1)
            .map((line) => (line.includes('INTERRUPTED') ? 'INTERRUPTED' : line.split('\t')[1]))
      const applied = outcomes.filter((outcome: string) => outcome === 'applied')
      expect(outcomes.toSorted()).toEqual([...Array(names.length - applied.length).fill('INTERRUPTED'), ...applied])
      expect(applied).toHaveLength(await countApplied(folder))
      expect(applied.length).toBeLessThan(names.length)
      if (json) expect(JSON.parse(stdout)).toMatchObject({interrupted: true, summary: {applied: applied.length, failed: 0}})
      else expect(stderr).toMatch(/Warning: Interrupted: finishing what has begun.*\n(.*\n)*Next: the same command again/)
    })
    expect((await strat('migrate --all --yes --json')).json.summary).toMatchObject({failed: 0, skipped: 0})
    expect(await query(databaseFile(folder, 'stage-0'), 'SELECT capital_allocated FROM portfolio_state')).toEqual([{capital_allocated: 200000}])
  })

  test('while the fleet is read, changes nothing and asks nothing', async ({folder}) => {
    await makePending(folder)
    await usingDev(folder, ['--latency', '200'], async (dev) => {
      const run = startRun(folder, dev, 'migrate --all --concurrency 1 --json --stream')
      const child = await run.process
      await until('it has begun', () => run.written.stdout.includes('"start"'))
      child.kill('SIGINT')
      const {code, stdout} = await run.result
      const lines = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect({code, last: lines.at(-1)}).toMatchObject({code: 130, last: {type: 'summary', interrupted: true, summary: {applied: 0, skipped: names.length}}})
      expect(await countApplied(folder)).toBe(0)
    })
  })

  test('twice ends at once, and leaves nothing half done', async ({folder, strat}) => {
    await makePending(folder)
    await usingDev(folder, [], async (dev) => {
      const run = startRun(folder, dev, 'migrate --all --yes --concurrency 1')
      const child = await run.process
      await until('one is applied', async () => (await countApplied(folder)) > 0)
      await fetch(`${dev.url}/_faults`, {method: 'POST', body: JSON.stringify({match: 'POST /dev/*/v2/pipeline', hang: true})})
      await until('one hangs', async () => {
        const {faults} = (await (await fetch(`${dev.url}/_faults`)).json()) as {faults: object[]}
        return faults.length === 0
      })
      child.kill('SIGINT')
      await until('it has said so', () => run.written.stderr.includes('Interrupted'))
      child.kill('SIGINT')
      const {code, stdout} = await run.result
      expect({code, stdout}).toEqual({code: 130, stdout: ''})
    })
    expect((await strat('migrate --all --yes --json')).json.summary).toMatchObject({failed: 0})
    expect(await countApplied(folder)).toBe(names.length)
  })
})
