import type {DatabaseState} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import type {Recording} from './migration.ts'

/** Where a database stands against the migrations of its kind. Decided by the set of names alone, never by a timestamp. */
export type Standing = {
  executed: string[]
  pending: string[]
  /** Executed, but with other SQL than the file has now. */
  edited: string[]
  /** Executed, but without a file. */
  missing: string[]
  /** Pending, but numbered before one that is executed. */
  outOfOrder: string[]
}

export function standingOf(recordings: Recording[], {ledger: executed, applied}: DatabaseState): Standing {
  const checksums = new Map(applied.map(({name, checksum}) => [name, checksum]))
  const isExecuted = new Set(executed)
  const pending = recordings.map(({name}) => name).filter((name) => !isExecuted.has(name))
  const known = new Set(recordings.map(({name}) => name))
  const last = recordings.findLastIndex(({name}) => isExecuted.has(name))
  return {
    executed,
    pending,
    edited: recordings.filter(({name, checksum}) => isExecuted.has(name) && checksum !== (checksums.get(name) ?? checksum)).map(({name}) => name),
    missing: executed.filter((name) => !known.has(name)),
    outOfOrder: recordings
      .slice(0, Math.max(last, 0))
      .map(({name}) => name)
      .filter((name) => !isExecuted.has(name)),
  }
}

/**
 * The migrations to execute on a database, in order, up to and including `to`.
 *
 * @throws StratError MIGRATION_MISSING, MIGRATION_EDITED, MIGRATION_OUT_OF_ORDER, MIGRATION_UNKNOWN
 */
export function planMigrations(recordings: Recording[], state: DatabaseState, {to}: {to?: string | undefined} = {}): Recording[] {
  const {pending, edited, missing, outOfOrder} = standingOf(recordings, state)
  if (missing.length > 0) {
    throw new StratError('MIGRATION_MISSING', `Executed, but without a file: ${list(missing)}.`, {
      suggestions: ['Bring the file back from version control; an executed migration stays for ever.'],
    })
  }
  if (edited.length > 0) {
    throw new StratError('MIGRATION_EDITED', `Edited after it was executed: ${list(edited)}.`, {
      suggestions: ['Undo the edit, and put the change into a new migration: strat migrate new.'],
    })
  }
  if (outOfOrder.length > 0) {
    throw new StratError('MIGRATION_OUT_OF_ORDER', `Numbered before a migration that is executed already: ${list(outOfOrder)}.`, {
      suggestions: ['Give it the next free number, so that it runs last everywhere.'],
    })
  }
  return upTo(recordings, to).filter(({name}) => pending.includes(name))
}

function upTo(recordings: Recording[], to: string | undefined): Recording[] {
  if (to === undefined) return recordings
  const index = recordings.findIndex(({name}) => name === to)
  if (index !== -1) return recordings.slice(0, index + 1)
  throw new StratError('MIGRATION_UNKNOWN', `There is no migration ${to}.`, {suggestions: [...new Set(recordings.map(({name}) => name))].slice(-3)})
}

const list = (names: string[]) => names.join(', ')
