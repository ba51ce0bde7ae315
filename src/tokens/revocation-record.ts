import * as v from 'valibot'

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

/** What the JSON of a record says; `newer`: a later strat wrote it; undefined where it is no record. */
export function revocationIn(json: unknown): Revocation | 'newer' | undefined {
  if (v.is(v.object({v: v.pipe(v.number(), v.minValue(2))}), json)) return 'newer'
  const {success, output} = v.safeParse(schema, json)
  if (!success) return undefined
  const {v: _, ...revocation} = output
  return revocation
}
