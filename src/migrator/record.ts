import type {StratError} from '../errors.ts'
import type {Migration, RecordedDown, Recording} from './migration.ts'
import {type Recorded, recordProcedure} from './record-procedure.ts'
import {serialize} from './serialize.ts'

/**
 * Runs a migration's `up` without a database and keeps the SQL that it would send. `onLate` hears of a statement that is
 * sent even after this has returned.
 *
 * @throws StratError MIGRATION_INVALID, MIGRATION_STATEMENT_REFUSED, MIGRATION_TIMED_OUT
 */
export async function recordMigration(migration: Migration, onLate: (error: StratError) => void = () => undefined): Promise<Recording> {
  const {up, ...known} = migration
  const recorded = await recordProcedure(migration.name, 'up', up, onLate)
  if (recorded.mode === 'atomic') return {...known, ...recorded, checksum: await checksumOf(serialize(recorded.statements))}
  return {...known, ...recorded, up, checksum: await checksumOf(up.toString().replace(/\s+/g, ''))}
}

/**
 * Runs the `down` of a migration likewise; undefined where it has none.
 *
 * @throws StratError as `recordMigration`
 */
export async function recordDown(
  {name, down}: Pick<Migration, 'name' | 'down'>,
  onLate: (error: StratError) => void = () => undefined,
): Promise<RecordedDown | undefined> {
  if (!down) return undefined
  const recorded: Recorded = await recordProcedure(name, 'down', down, onLate)
  return recorded.mode === 'atomic' ? recorded : {...recorded, down}
}

async function checksumOf(text: string): Promise<string> {
  const {createHash} = await import('node:crypto')
  return createHash('sha256').update(text).digest('hex')
}
