import {join} from 'node:path'
import {emptyState} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import {loadMigrations} from './load.ts'
import type {RecordedDown, Recording} from './migration.ts'
import {planMigrations} from './plan.ts'
import {recordDown, recordMigration} from './record.ts'
import {startWatchdog} from './watchdog.ts'

export type Kind = 'strategy' | 'archive'

/** All migrations of a kind, recorded, in the order in which they run. */
export type RecordingsOf = (kind: Kind) => Promise<Recording[]>

/** How long statements that a migration does not wait for may still turn up: it may have read a file before. */
const settleMs = 30

/**
 * Loads and records the migrations of each kind once, when they are first asked for. Those that are not `trusted`, a user's
 * own, are guarded against loops that never end, and against statements that come late.
 */
export function recordingsIn(folder: string, {trusted}: {trusted: boolean}): RecordingsOf {
  const recorded = new Map<Kind, Promise<Recording[]>>()
  return (kind) => {
    const recordings = recorded.get(kind) ?? recordFolder(join(folder, kind), trusted)
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
  const recordings: Recording[] = []
  // One after the other: the recorder moves the clock of this process.
  for (const kind of kinds) recordings.push(...(await recordingsOf(kind).catch(ignoreMissingFolder)))
  planMigrations(recordings, emptyState, {to})
}

function ignoreMissingFolder(error: unknown): Recording[] {
  if (error instanceof StratError && error.code === 'MIGRATION_FOLDER_MISSING') return []
  throw error
}

async function recordFolder(folder: string, trusted: boolean): Promise<Recording[]> {
  if (!trusted) await startWatchdog()
  return recordEach(await loadMigrations(folder), trusted, recordMigration)
}

/**
 * Records the `down`s of migrations, by their names; one that has none is not there. Only for what is to be undone: a
 * migration's `down` is run nowhere else.
 *
 * @throws StratError MIGRATION_INVALID, MIGRATION_STATEMENT_REFUSED, MIGRATION_TIMED_OUT
 */
export async function recordDowns(recordings: Pick<Recording, 'name' | 'down'>[]): Promise<Map<string, RecordedDown>> {
  await startWatchdog()
  const downs = await recordEach(recordings, false, async (recording, onLate) => ({name: recording.name, down: await recordDown(recording, onLate)}))
  return new Map(downs.flatMap(({name, down}) => (down ? [[name, down]] : [])))
}

async function recordEach<M, R>(migrations: M[], trusted: boolean, record: (migration: M, onLate: (error: StratError) => void) => Promise<R>): Promise<R[]> {
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
  if (!trusted) await new Promise((resolve) => setTimeout(resolve, settleMs))
  if (late) throw late
  return recorded
}
