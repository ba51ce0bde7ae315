import {join} from 'node:path'
import {emptyState} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import {loadMigrations} from './load.ts'
import type {RecordedDown, Recording} from './migration.ts'
import {planMigrations} from './plan.ts'
import {recordDown, recordMigration} from './record.ts'

export type Kind = 'strategy' | 'archive'

/** All migrations of a kind, recorded, in the order in which they run. */
export type RecordingsOf = (kind: Kind) => Promise<Recording[]>

/**
 * Loads and records the migrations of each kind once, when they are first asked for.
 *
 * @param settleMs how long statements that a migration does not wait for may still turn up: it may have read a file before
 */
export function recordingsIn(folder: string, {settleMs}: {settleMs: number}): RecordingsOf {
  const recorded = new Map<Kind, Promise<Recording[]>>()
  return (kind) => {
    const recordings = recorded.get(kind) ?? recordFolder(join(folder, kind), settleMs)
    recorded.set(kind, recordings)
    return recordings
  }
}

/**
 * Makes sure, before any database is touched, that the migrations can be recorded, and that the one to end with exists.
 * A project that has only one kind of database need not have migrations of the other.
 */
export async function checkMigrations(recordingsOf: RecordingsOf, to?: string | undefined): Promise<void> {
  const kinds: Kind[] = ['strategy', 'archive']
  const recordings = await Promise.all(kinds.map((kind) => recordingsOf(kind).catch(ignoreMissingFolder)))
  planMigrations(recordings.flat(), emptyState, {to})
}

function ignoreMissingFolder(error: unknown): Recording[] {
  if (error instanceof StratError && error.code === 'MIGRATION_FOLDER_MISSING') return []
  throw error
}

async function recordFolder(folder: string, settleMs: number): Promise<Recording[]> {
  return recordEach(await loadMigrations(folder), settleMs, recordMigration)
}

/**
 * Records the `down`s of migrations, by their names; one that has none is not there. Only for what is to be undone: a
 * migration's `down` is run nowhere else.
 *
 * @throws StratError MIGRATION_INVALID, MIGRATION_STATEMENT_REFUSED, MIGRATION_TIMED_OUT
 */
export async function recordDowns(recordings: Pick<Recording, 'name' | 'down'>[]): Promise<Map<string, RecordedDown>> {
  const downs = await recordEach(recordings, downSettleMs, async (recording, onLate) => ({name: recording.name, down: await recordDown(recording, onLate)}))
  return new Map(downs.flatMap(({name, down}) => (down ? [[name, down]] : [])))
}

/** As long as for the user's own migrations: whose these are is not known here. */
const downSettleMs = 30

async function recordEach<M, R>(migrations: M[], settleMs: number, record: (migration: M, onLate: (error: StratError) => void) => Promise<R>): Promise<R[]> {
  const recorded: R[] = []
  let late: StratError | undefined
  // One after the other: the recorder moves the clock of this process.
  for (const migration of migrations) {
    recorded.push(
      await record(migration, (error) => {
        late ??= error
      }),
    )
  }
  if (settleMs > 0) await new Promise((resolve) => setTimeout(resolve, settleMs))
  if (late) throw late
  return recorded
}
