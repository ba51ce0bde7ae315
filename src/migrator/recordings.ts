import {join} from 'node:path'
import {loadMigrations} from './load.ts'
import type {Recording} from './migration.ts'
import {recordMigration} from './record.ts'

export type Kind = 'strategy' | 'archive'

/** All migrations of a kind, recorded, in the order in which they run. */
export type RecordingsOf = (kind: Kind) => Promise<Recording[]>

/** Loads and records the migrations of each kind once, when they are first asked for. */
export function recordingsIn(folder: string): RecordingsOf {
  const recorded = new Map<Kind, Promise<Recording[]>>()
  return (kind) => {
    const recordings = recorded.get(kind) ?? recordFolder(join(folder, kind))
    recorded.set(kind, recordings)
    return recordings
  }
}

async function recordFolder(folder: string): Promise<Recording[]> {
  return Promise.all((await loadMigrations(folder)).map(recordMigration))
}
