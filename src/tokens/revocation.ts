import {StratError} from '../errors.ts'
import {fingerprintOf} from '../secrets/fingerprint.ts'
import type {SecretStore} from '../secrets/secret-store.ts'
import type {Revocation} from './revocation-record.ts'

type Notes = Pick<SecretStore, 'readNote' | 'writeNote'>

/**
 * The revocation of a group that has not ended; undefined where there is none.
 *
 * @throws StratError STORAGE_NEWER, REVOCATION_UNFINISHED where the record of one cannot be read
 */
export async function readRevocation(notes: Notes, group: string): Promise<Revocation | undefined> {
  const text = await notes.readNote(await noteOf(group))
  if (text === undefined) return undefined
  const {revocationIn} = await import('./revocation-record.ts')
  const found = revocationIn(parse(text))
  if (found === 'newer') throw newer(group)
  if (found === undefined) throw unreadable(group)
  return found
}

/** Keeps how far a revocation is. */
export const writeRevocation = async (notes: Notes, revocation: Revocation): Promise<void> =>
  notes.writeNote(await noteOf(revocation.group), JSON.stringify({v: 1, ...revocation}))

/** Takes the record of a group's revocation away: it has ended. */
export const removeRevocation = async (notes: Notes, group: string): Promise<void> => notes.writeNote(await noteOf(group), undefined)

/** Groups may have names that notes may not. */
const noteOf = async (group: string) => `revocation-${/^[a-z0-9-]+$/.test(group) ? group : await fingerprintOf(group)}`

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const newer = (group: string) =>
  new StratError('STORAGE_NEWER', `A revocation of the group ${group} was begun by a newer version of strat.`, {
    suggestions: ['Update strat: npm install strat-cli@latest'],
  })

const unreadable = (group: string) =>
  new StratError('REVOCATION_UNFINISHED', `A revocation of the group ${group} was begun, and what it left in the secret store cannot be read.`, {
    suggestions: [
      'Look which databases of the group have blocked writes, and let them again: turso db config block-writes.',
      'Then remove the note of the revocation from the secret store.',
    ],
  })
