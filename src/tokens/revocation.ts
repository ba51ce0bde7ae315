import * as v from 'valibot'
import {StratError} from '../errors.ts'
import {fingerprintOf} from '../secrets/fingerprint.ts'
import type {SecretStore} from '../secrets/secret-store.ts'

const names = v.array(v.string())

const schema = v.object({
  v: v.literal(1),
  /** The run that invalidates, or has. */
  id: v.string(),
  group: v.string(),
  target: v.string(),
  /** Where the databases are: groups of different organizations have the same names. */
  location: v.optional(v.string()),
  /** `rotating`: the tokens may be invalid or not, and nothing was minted since; `rotated`: they are invalid, and may not be invalidated again. */
  state: v.picklist(['rotating', 'rotated']),
  /** The databases whose writes this revocation has blocked, or was about to. */
  blocked: names,
  startedAt: v.string(),
  /** The databases whose earlier tokens were proven to be dead, and to be alive. */
  proof: v.optional(v.object({dead: names, unaffected: names})),
})

/** A revocation that has begun and not ended, as the secret store keeps it: the next run goes on from it, on whatever machine. */
export type Revocation = Omit<v.InferOutput<typeof schema>, 'v'>

type Notes = Pick<SecretStore, 'readNote' | 'writeNote'>

/**
 * The revocation of a group that has not ended; undefined where there is none.
 *
 * @throws StratError STORAGE_NEWER, REVOCATION_UNFINISHED where the record of one cannot be read
 */
export async function readRevocation(notes: Notes, group: string): Promise<Revocation | undefined> {
  const text = await notes.readNote(await noteOf(group))
  if (text === undefined) return undefined
  const json = parse(text)
  if (v.is(v.object({v: v.pipe(v.number(), v.minValue(2))}), json)) throw newer(group)
  const {success, output} = v.safeParse(schema, json)
  if (!success) throw unreadable(group)
  const {v: _, ...revocation} = output
  return revocation
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
