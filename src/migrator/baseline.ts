import type {Database, Statement} from '../database/database.ts'
import {type DatabaseState, ownSchema} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import {applyMigrations} from './apply.ts'
import {type Run, recordApplied} from './ledger.ts'
import type {Recording} from './migration.ts'
import {planMigrations} from './plan.ts'
import {describeDifference, diffSchemas} from './schema-diff.ts'
import {schemasAfterEach} from './schemas.ts'

export type BaselineInput = {
  state: DatabaseState
  recordings: Recording[]
  run: Run
  /** What else becomes true in the same transaction. */
  completion: Statement[]
}

/**
 * Enters into the ledger, without executing them, the migrations whose result a database already has.
 * Where it has a ledger, those are the ones in it; else the fewest whose schema equals the database's.
 *
 * @throws StratError SCHEMA_DIFFERS with every difference, or those of `planMigrations`; nothing is written then
 */
export async function baselineDatabase(database: Database, {state, recordings, run, completion}: BaselineInput): Promise<{baseline: string[]}> {
  const pending = planMigrations(recordings, state)
  const prefix = await findPrefix(database.name, state, recordings, recordings.length - pending.length)
  const executed = new Set(state.ledger)
  const unrecorded = prefix.filter(({name}) => executed.has(name))
  const {again, ...lost} = await applyMigrations(database, {
    state,
    run,
    recordings: prefix.filter(({name}) => !executed.has(name)).map((recording) => ({...recording, mode: 'atomic', statements: []})),
    completion: [...completion, ...(unrecorded.length > 0 ? [recordApplied(unrecorded, run)] : [])],
  })
  if (again)
    throw new StratError('MIGRATION_RACE', `${database.name} changed while it was adopted.`, {suggestions: ['Run the same command again.'], cause: lost})
  return {baseline: prefix.map(({name}) => name)}
}

async function findPrefix(name: string, state: DatabaseState, recordings: Recording[], executed: number): Promise<Recording[]> {
  const schemas = await schemasAfterEach(recordings)
  const lengths = executed > 0 ? [executed] : recordings.map((_, index) => index + 1)
  const candidates = lengths.map((length) => ({length, differences: diffSchemas(schemas[length - 1] ?? [], ownSchema(state))}))
  candidates.sort((a, b) => a.differences.length - b.differences.length || a.length - b.length)
  const [best] = candidates
  if (best && best.differences.length === 0) return recordings.slice(0, best.length)
  throw new StratError(
    'SCHEMA_DIFFERS',
    `The schema of ${name} is not the one that the migrations make: ${best?.differences.map(describeDifference).join('; ')}.`,
    {
      suggestions: ['Bring the tables into that form, or make a new strategy and copy the rows.'],
    },
  )
}
