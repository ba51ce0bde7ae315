import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {describe, expect} from 'vitest'
import {deleteLeftoverForks} from '../../../src/migrator/leftover-forks.ts'
import {localPlatform} from '../../../src/platform/local.ts'
import type {Platform, PlatformDatabase} from '../../../src/platform/platform.ts'
import {forkNameOf, makeMarked, valuesIn} from '../../helpers/rehearsal.ts'
import {projectRoot} from '../../helpers/strat.ts'
import {test} from '../../helpers/test.ts'

const openIn = (folder: string) => localPlatform({directory: join(folder, '.strat'), group: 'default'})
const namesOn = async (platform: Platform) => (await platform.listDatabases()).map(({name}) => name)

async function tidy(platform: Platform, databases?: PlatformDatabase[]) {
  const warnings: string[] = []
  const leftovers = await deleteLeftoverForks(platform, databases ?? (await platform.listDatabases()), (message) => warnings.push(message))
  return {...leftovers, warnings}
}

describe('copies that a rehearsal has left', () => {
  test('are deleted when they are older than an hour, and younger ones are named', async ({folder}) => {
    const platform = openIn(folder)
    const source = await makeMarked(platform, 'live-condor')
    const [old, older, young, ahead] = [61, 100_000, 59, -60].map(forkNameOf)
    for (const name of [old, older, young, ahead]) await platform.forkDatabase(source, name ?? '')
    const {deleted, ...rest} = await tidy(platform)
    expect(deleted.sort()).toEqual([old, older].sort())
    expect(rest).toEqual({younger: [young, ahead].sort(), warnings: []})
    expect(await namesOn(platform)).toEqual(['live-condor', young, ahead].sort())
  })

  test('are nothing that merely has such a name: no copy without a marker, none under its own name, no copy of another name', async ({folder}) => {
    const platform = openIn(folder)
    const source = await makeMarked(platform, 'live-condor')
    await platform.createDatabase(forkNameOf(120))
    await makeMarked(platform, forkNameOf(121))
    await platform.forkDatabase(source, 'a-copy')
    const before = await namesOn(platform)
    expect(await tidy(platform)).toEqual({deleted: [], younger: [], warnings: []})
    expect(await namesOn(platform)).toEqual(before)
  })

  test('stop nobody where they cannot be deleted, and are named', async ({folder}) => {
    const platform = openIn(folder)
    const source = await makeMarked(platform, 'live-condor')
    const [guarded, other] = [forkNameOf(130), forkNameOf(120)]
    for (const name of [guarded, other]) await platform.forkDatabase(source, name)
    await platform.configureDatabase(guarded, {deleteProtection: true})
    expect(await tidy(platform)).toEqual({
      deleted: [other],
      younger: [],
      warnings: [`${guarded}, a copy that a rehearsal has left, was not deleted: ${guarded} is delete-protected and cannot be deleted.`],
    })
  })

  test('are deleted by two runs at once, without a complaint', async ({folder}) => {
    const platform = openIn(folder)
    const source = await makeMarked(platform, 'live-condor')
    for (const minutes of [120, 130, 140]) await platform.forkDatabase(source, forkNameOf(minutes))
    const listed = await platform.listDatabases()
    const results = await Promise.all([tidy(platform, listed), tidy(openIn(folder), listed)])
    expect(results.flatMap(({warnings}) => warnings)).toEqual([])
    expect(await tidy(platform, listed)).toEqual({deleted: [], younger: [], warnings: []})
    expect(await namesOn(platform)).toEqual(['live-condor'])
  })
})

test('a rehearsal that is killed anywhere leaves at most a copy, which the next run finds', async ({folder}) => {
  const platform = openIn(folder)
  await makeMarked(platform, 'live-condor', 'CREATE TABLE t (x)', 'INSERT INTO t VALUES (1), (2)')
  let copies = 0
  let step = 1
  for (let isKilled = true; isKilled; step += 7) {
    isKilled = await rehearseUntilKilled(folder, step)
    const left = (await namesOn(platform)).filter((name) => name !== 'live-condor')
    copies += left.length
    expect(await tidy(platform)).toEqual({deleted: left, younger: [], warnings: []})
    const [source] = await platform.listDatabases()
    expect(source?.name).toBe('live-condor')
    expect(source && (await valuesIn(platform, source, 'SELECT x FROM t'))).toEqual([1, 2])
  }
  expect(step).toBeGreaterThan(70)
  expect(copies).toBeGreaterThan(3)
})

/** Rehearses in a process of its own, which is killed before its n-th step that touches the disk; says whether that came. */
async function rehearseUntilKilled(folder: string, step: number): Promise<boolean> {
  const module = (path: string) => JSON.stringify(pathToFileURL(join(projectRoot, path)).href)
  const script = `
    const {localPlatform} = await import(${module('src/platform/local.ts')})
    const {rehearseOnFork} = await import(${module('src/migrator/rehearse-on-fork.ts')})
    const [directory, name] = process.argv.slice(1)
    const platform = localPlatform({directory, group: 'default'})
    const source = await platform.getDatabase('live-condor')
    const apply = (fork) => fork.migrate([{sql: 'ALTER TABLE t ADD COLUMN y', args: []}])
    await rehearseOnFork(platform, {source, name, apply, deletesFrom: () => false, warn: console.error})`
  const args = ['--import', pathToFileURL(join(projectRoot, 'test/helpers/kill-at.mjs')).href, '--input-type=module', '--eval', script]
  const child = spawn(process.execPath, [...args, join(folder, '.strat'), forkNameOf(120)], {stdio: 'inherit', env: {...process.env, KILL_AT: String(step)}})
  const [code, signal] = await once(child, 'close')
  expect([code, signal]).toContainEqual(signal === null ? 0 : 'SIGKILL')
  return signal === 'SIGKILL'
}
