import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {expect} from 'vitest'
import {usingDatabase} from '../../src/database/connect.ts'
import {emptyState, inspectDatabase} from '../../src/database/inspect.ts'
import {insertMarker} from '../../src/database/marker.ts'
import {Pace} from '../../src/fleet/pace.ts'
import {applyMigrations} from '../../src/migrator/apply.ts'
import {type ChangeDependencies, changeFleet} from '../../src/migrator/change-fleet.ts'
import {type MigrateDependencies, prepareMigration} from '../../src/migrator/migrate.ts'
import type {Recording} from '../../src/migrator/migration.ts'
import type {PreparedFleet} from '../../src/migrator/prepare.ts'
import {recordingsIn} from '../../src/migrator/recordings.ts'
import type {MigrateResult} from '../../src/migrator/result.ts'
import {prepareUndo} from '../../src/migrator/undo.ts'
import {migration, ownMigrations, writeFiles} from './files.ts'
import {usingFolder} from './strat.ts'
import {openTurso} from './turso-platform.ts'
import type {TursoServer} from './turso-server.ts'

/** By which prime each migration multiplies the counter: its factors tell how often each was applied. */
const factors: Record<string, number> = {'0002_double': 2, '0003_triple': 3, '0004_times_five': 5, '0005_times_seven': 7}

const change = (operator: string, prime: number) => `await db.updateTable("counter").set((eb) => ({x: eb("x", "${operator}", ${prime})})).execute();`

/** A migration that changes only data, and its `down`; `before` comes first in both. It is written as vitest rewrites it, for its checksum. */
const factor = (prime: number, before = '') => `export async function up(db) { ${before}${change('*', prime)} }
export async function down(db) { ${before}${change('/', prime)} }
`

/** Reads, so what it does cannot be known beforehand. */
const reading = 'await db.selectFrom("counter").select("x").execute(); '

/** A project whose migrations show where one is applied twice, or half: three atomic ones that change only data, around one that reads. */
export const countingProject = ownMigrations({
  '0001_counter.ts': migration('CREATE TABLE counter (x INTEGER NOT NULL)', 'INSERT INTO counter (x) VALUES (1)'),
  '0002_double.ts': factor(2),
  '0003_triple.ts': factor(3, reading),
  '0004_times_five.ts': factor(5),
  '0005_times_seven.ts': factor(7),
})
/** How many there are. */
export const countOfAll = 5

let recorded: Promise<Recording[]> | undefined

/** The first `count` of its migrations, recorded. */
export async function countingUpTo(count: number): Promise<Recording[]> {
  recorded ??= recordProject()
  return (await recorded).slice(0, count)
}

async function recordProject(): Promise<Recording[]> {
  let recordings: Recording[] = []
  await usingFolder(async (folder) => {
    await writeFiles(folder, countingProject)
    recordings = await recordingsIn(join(folder, 'migrations'), {trusted: true})('strategy')
  })
  return recordings
}

type CounterOptions = {
  createdAt?: string
  /** What the marker names. */
  strategy?: string
  /** How many of the migrations the run `run-1` has applied, of those after them. */
  byRun1?: number
}

/** Makes a strategy in a server's database that has the first `executed` migrations, as an earlier run left it. */
export async function makeCounter(server: TursoServer, name: string, executed: number, options: CounterOptions = {}): Promise<void> {
  const {createdAt = '2026-01-01T00:00:00.000Z', strategy = name, byRun1 = 0} = options
  const {database} = await openTurso(server).createDatabase(name)
  const completion = [insertMarker({strategy, kind: 'strategy', template: 'condor', createdAt})]
  const recordings = await countingUpTo(executed + byRun1)
  const url = pathToFileURL(join(server.folder, `${database.id}.db`)).href
  await usingDatabase({name, url}, async (opened) => {
    const run = (id: string) => ({id, stratVersion: '0.0.0'})
    await applyMigrations(opened, {state: emptyState, recordings: recordings.slice(0, executed), run: run('the-first-run'), completion})
    if (byRun1 > 0) await applyMigrations(opened, {state: await inspectDatabase(opened), recordings: recordings.slice(executed), run: run('run-1')})
  })
}

export type RunInput = {
  /** How many of the migrations there are. */
  count?: number
  run?: string
  /** Happens when the fleet is read and planned, and nothing is changed yet. */
  meanwhile?: () => Promise<unknown>
  signal?: AbortSignal
}

type Dependencies = MigrateDependencies & Pick<ChangeDependencies, 'run'>

const prepare = (dependencies: Dependencies) => prepareMigration(dependencies, {names: [], all: true, isRehearsed: true})

/** Migrates all databases of a server, as `strat migrate --all` does. */
export const migrateAll = (server: TursoServer, input: RunInput = {}) => runAll(server, input, prepare)

/** Reads all databases of a server and plans what to do, as `strat migrate plan --all` does. */
export const prepareAll = async (server: TursoServer) => prepare(await dependenciesOf(server, {}))

/** Undoes a run in all databases of a server, as `strat migrate undo` does. */
export const undoAll = (server: TursoServer, input: RunInput = {}) =>
  runAll(server, input, (dependencies) => prepareUndo(dependencies, {names: [], all: true, allowDrift: false}))

/** A market that never opens. */
const market = {timeZone: 'UTC', days: [], open: '09:00', close: '17:00', holidays: []}

async function runAll(server: TursoServer, input: RunInput, prepareFleet: (dependencies: Dependencies) => Promise<PreparedFleet>): Promise<MigrateResult> {
  const dependencies = await dependenciesOf(server, input)
  const confirm = async () => void (await input.meanwhile?.())
  const prepared = await prepareFleet(dependencies)
  const change = {...dependencies, market, now: () => new Date(), confirm, onDatabase: () => undefined}
  return changeFleet(change, prepared, {waves: [], maxFailures: {percent: 100}, force: false})
}

async function dependenciesOf(server: TursoServer, {count = countOfAll, run = 'run-1', signal}: RunInput): Promise<Dependencies> {
  const recordings = await countingUpTo(count)
  return {
    platform: openTurso(server, {limits: {answerMs: 30_000, outageMs: 30_000, rateLimitMs: 30_000}}),
    recordingsOf: async (kind) => (kind === 'strategy' ? recordings : []),
    run: {id: run, stratVersion: '0.0.0'},
    fleet: {pace: new Pace({start: 8, most: 8}), signal},
    onProgress: () => undefined,
  }
}

/** How many migrations a fleet of three has: one is far behind, one a little, one not at all. */
const fleet = {'stage-behind': 4, 'stage-current': 5, 'stage-fresh': 1}

/** Makes that fleet. */
export async function makeFleet(server: TursoServer): Promise<void> {
  for (const [name, executed] of Object.entries(fleet)) await makeCounter(server, name, executed)
}

/** Makes that fleet as the run `run-1` has left it. */
export async function makeMigratedFleet(server: TursoServer): Promise<void> {
  for (const [name, executed] of Object.entries(fleet)) await makeCounter(server, name, executed, {byRun1: countOfAll - executed})
}

export type Counter = {x: number; ledger: string[]; runs: Record<string, string>}

/** What a counter's database holds. */
export function counterIn(server: TursoServer, name: string): Counter {
  const rows = (query: string) => (server.databases.get(name)?.sql.rows(query) ?? []) as Record<string, unknown>[]
  return {
    x: Number(rows('SELECT x FROM counter')[0]?.['x']),
    ledger: rows('SELECT name FROM kysely_migration ORDER BY name').map((row) => String(row['name'])),
    runs: Object.fromEntries(rows('SELECT name, run_id FROM strat_migration').map((row) => [String(row['name']), String(row['run_id'])])),
  }
}

/** Each migration of the ledger, and no other, must have been applied, and once: all of it, with its record. */
export function expectExact(server: TursoServer, name: string, message: string): Counter {
  const counter = counterIn(server, name)
  const product = counter.ledger.reduce((x, migration) => x * (factors[migration] ?? 1), 1)
  expect({name, x: counter.x, recorded: Object.keys(counter.runs).sort()}, message).toEqual({name, x: product, recorded: counter.ledger})
  return counter
}
