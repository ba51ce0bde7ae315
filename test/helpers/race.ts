import {StratError} from '../../src/errors.ts'
import type {MigratedDatabase} from '../../src/migrator/result.ts'
import {countOfAll, expectExact, makeCounter, migrateAll, undoAll} from './counting-fleet.ts'
import type {TursoServer} from './turso-server.ts'

export type RaceInput = {
  databases: number
  runners: number
  /** Numbers from 0 to 1, the same for the same seed. */
  random: () => number
  /** What part of the requests loses its reply, its connection, or its host's memory. */
  losses: number
}

/** How often each code ended what a runner did to a database, `applied` and `current` too, and all in all how many attempts there were. */
export type RaceTally = Map<string, number>

/** What an undo may rightly say: another run came after it, nothing of it is there, or it is the first. */
const expected = ['applied', 'current', 'MIGRATION_NOT_LAST', 'RUN_UNKNOWN']
/** And where replies are lost: that the host does not answer. */
const expectedWithLosses = [...expected, 'DATABASE_UNREACHABLE', 'DATABASE_BUSY', 'MIGRATION_RACE']

/**
 * Lets runners migrate and undo the same databases at the same time, each database being one race, and makes sure that no migration was
 * applied twice or half, that no error was unexpected, that the reports together say what is there, and that the next run ends the work.
 */
export async function race(server: TursoServer, {databases, runners, random, losses}: RaceInput): Promise<RaceTally> {
  const names = Array.from({length: databases}, (_, index) => `stage-${index}`)
  for (const name of names) await makeCounter(server, name, 1 + Math.floor(random() * countOfAll))
  const before = new Map(names.map((name) => [name, expectExact(server, name, 'before the race').ledger]))
  server.watch = trouble(server, random, losses)
  const runs: string[] = []
  const told = (await Promise.all(Array.from({length: runners}, (_, runner) => perform(server, runner, runs, random)))).flat()
  server.watch = () => undefined
  server.faults.length = 0
  const tally: RaceTally = new Map()
  for (const {outcome} of told) tally.set(outcome, (tally.get(outcome) ?? 0) + 1)
  const unexpected = [...tally.keys()].filter((outcome) => !(losses > 0 ? expectedWithLosses : expected).includes(outcome))
  if (unexpected.length > 0)
    throw new Error(`Unexpected: ${unexpected.join(', ')}; ${JSON.stringify(told.filter(({outcome}) => unexpected.includes(outcome)))}`)
  for (const name of names) {
    const {ledger} = expectExact(server, name, 'after the race')
    // Who lost a reply may not know what it did, once somebody else has changed it again.
    if (losses === 0) expectHonest(name, told, before.get(name) ?? [], ledger)
  }
  for (const {sql} of server.databases.values()) sql.expireStreams()
  const {summary} = await migrateAll(server, {run: 'the-last-run'})
  for (const name of names) {
    if (summary.failed > 0 || expectExact(server, name, 'after the last run').ledger.length !== countOfAll)
      throw new Error(`Wedged: ${name}, ${JSON.stringify(summary)}`)
  }
  return tally
}

type Told = {isUndo: boolean; outcome: string; name: string; migrations: string[]; reason: string}

/** What one runner does: it migrates and, in most cases, undoes a run that applied something, as others may at the same time; three times. */
async function perform(server: TursoServer, runner: number, runs: string[], random: () => number): Promise<Told[]> {
  const told: Told[] = []
  for (let turn = 0; turn < 3; turn++) {
    const undone = turn > 0 && random() < 0.7 ? runs[Math.floor(random() * runs.length)] : undefined
    const isUndo = undone !== undefined
    const run = undone ?? `run-${runner}-${turn}`
    try {
      const {databases, summary} = await (isUndo ? undoAll : migrateAll)(server, {run})
      told.push(...databases.map((database) => tell(database, isUndo)))
      if (summary.applied > 0 && !isUndo) runs.push(run)
    } catch (error) {
      if (!(error instanceof StratError)) throw error
      told.push({isUndo, outcome: error.code, name: '', migrations: [], reason: error.message})
    }
  }
  return told
}

function tell(database: MigratedDatabase, isUndo: boolean): Told {
  const {name, status} = database
  const reason = 'reason' in database ? database.reason : ''
  return {isUndo, outcome: 'code' in database ? database.code : status, name, migrations: status === 'applied' ? database.migrations : [], reason}
}

/** Delays requests, loses replies and connections, and lets a host start anew, which ends all transactions that are open there. */
function trouble(server: TursoServer, random: () => number, losses: number): TursoServer['watch'] {
  return (line) => {
    const name = /^POST \/dev\/([^/]+)/.exec(line)?.[1]
    const sql = server.databases.get(name ?? '')?.sql
    const isLost = sql && random() < losses
    const match = new RegExp(`^${line.replaceAll(/[?.]/g, '\\$&')}$`)
    if (!isLost) return void (random() < 0.3 && server.faults.push({match, delayMs: Math.floor(random() * 20)}))
    const fail = (['lose', 'late', 'reset'] as const)[Math.floor(random() * 3)]
    if (fail === 'reset') sql.expireStreams()
    server.faults.push({match, ...(fail && {fail}), afterwards: () => sql.expireStreams()})
  }
}

/** What runners told of a database, taken together, is what became of it. */
function expectHonest(name: string, told: Told[], before: string[], ledger: string[]): void {
  const counts = new Map(before.map((migration) => [migration, 1]))
  for (const {isUndo, migrations} of told.filter((tale) => tale.name === name)) {
    for (const migration of migrations) counts.set(migration, (counts.get(migration) ?? 0) + (isUndo ? -1 : 1))
  }
  const left = [...counts].filter(([, count]) => count !== 0).map(([migration, count]) => `${migration}${count === 1 ? '' : ` × ${count}`}`)
  if (left.sort().join() !== ledger.join()) throw new Error(`${name}: told ${left.join()}, but there is ${ledger.join()}`)
}
