import {hasCode, StratError} from '../errors.ts'
import type {SecretStore} from '../secrets/secret-store.ts'
import type {Candidate} from './candidate.ts'
import {readRevocation} from './revocation.ts'

/** In whole seconds the times of stores are told; and what is written one after the other may bear the times in a different order. */
const toleranceMs = 5000

/** Why what is recorded of a strategy's secrets cannot be true, as a clause; undefined where it can. */
export async function reasonToDoubt(store: SecretStore, {database: {name}, present: {recordedAt}}: Candidate): Promise<string | undefined> {
  const there = await store.list(name)
  const missing = store.placesOf(name).filter((place) => !there.some((each) => each.name === place.name))
  if (missing.length > 0) return `${missing.map((place) => place.name).join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not there`
  // The record comes last: what is newer was stored by a run that died, or by somebody else.
  const newest = Math.max(...there.map(({updatedAt}) => updatedAt?.getTime() ?? 0))
  return recordedAt && newest > recordedAt.getTime() + toleranceMs ? 'its secret is newer than what is recorded of it' : undefined
}

/** Who rotates need not be allowed to revoke. */
function whereAllowed(error: unknown): undefined {
  if (!hasCode(error, 'GITHUB_FORBIDDEN')) throw error
}

/** Makes sure, once for each group, that no revocation is known to be under way: all that is recorded of its tokens may be dead by now. */
export function revocationGuard(store: SecretStore, location: string): (candidate: Candidate) => Promise<void> {
  const found = new Map<string, ReturnType<typeof readRevocation>>()
  return async ({database: {name, group}}) => {
    const reading = found.get(group) ?? readRevocation(store, group).catch(whereAllowed)
    found.set(group, reading)
    const revocation = await reading
    if (!revocation || (revocation.location !== undefined && revocation.location !== location)) return
    throw new StratError('REVOCATION_UNFINISHED', `The tokens of the group of ${name} are being revoked since ${revocation.startedAt}, and that did not end.`, {
      suggestions: [`strat rotate ${revocation.target} --revoke goes on with it.`],
    })
  }
}
