import {decodeTime, ulid} from 'ulid'

const forkName = /^strat-rehearsal-([0-7][0-9a-hjkmnp-tv-z]{25})$/

/** A new name for a copy that a rehearsal makes and deletes; no two are the same, and it says when it was made. */
export const newForkName = () => `strat-rehearsal-${ulid().toLowerCase()}`

/** When the copy of this name was made; undefined for the names of all other databases. */
export function forkedAt(name: string): Date | undefined {
  const [, id] = forkName.exec(name) ?? []
  return id === undefined ? undefined : new Date(decodeTime(id.toUpperCase()))
}
