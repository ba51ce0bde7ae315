import {type Delivery, knownUrlOf} from '../delivery/deliver.ts'
import {mintSecrets, recordOf} from '../delivery/mint.ts'
import {hasCode, StratError} from '../errors.ts'
import type {BotSecrets} from '../secrets/secret-store.ts'
import type {Candidate} from './candidate.ts'
import {isAccepted, trialOf, tryToken} from './try-token.ts'

export type ReplaceDependencies = {
  delivery: Delivery
  /** Whether the databases are the files of this machine, which nothing but `strat dev` guards. */
  isLocal: boolean
  /** The workflow that tries the secrets where bots run, if any. */
  canary?: string | undefined
}

export type Replaced = {expiresAt: Date; place: string; warnings: string[]}

/** One more, where the first one was invalidated while it was delivered. */
const attempts = 2

/**
 * Gives a strategy's bot a new token: minted, tried where the bot uses it, delivered, and recorded last. The one before goes on working
 * until it expires. After a crash at any point the bot has the old token or the new one, and the record is not newer than they are.
 *
 * @throws StratError those of `tryToken`, of the store and of the platform; TOKEN_UNENFORCED, CANARY_FAILED
 */
export async function replaceToken(dependencies: ReplaceDependencies, candidate: Candidate): Promise<Replaced> {
  const {delivery, canary} = dependencies
  const {database, template, permissions} = candidate
  const {name} = database
  for (let attempt = 1; ; attempt++) {
    const {secrets, expiresAt} = await mintSecrets(delivery, database, {lifetimeSeconds: delivery.lifetimeSeconds, permissions})
    const trialWarnings = await tryWhereUsed(dependencies, candidate, secrets)
    const {warnings} = await delivery.store.write(name, secrets, {knownUrl: knownUrlOf(candidate.present, database)})
    if (canary !== undefined) await delivery.workflowRuns?.runCanary(canary, name)
    // Somebody may have revoked all tokens meanwhile, and delivered others: then what was just written replaced those.
    if (!dependencies.isLocal && !(await isAccepted(trialOf(name, secrets)))) {
      if (attempt < attempts) continue
      throw revokedMeanwhile(name)
    }
    await delivery.store.record(name, await recordOf(secrets, {databaseId: database.id, template, permissions, runId: delivery.runId}))
    return {expiresAt, place: delivery.store.placesOf(name)[0]?.scope ?? '', warnings: [...trialWarnings, ...warnings]}
  }
}

async function tryWhereUsed({isLocal}: ReplaceDependencies, {database: {name}, permissions}: Candidate, secrets: BotSecrets): Promise<string[]> {
  try {
    const enforcement = await tryToken(trialOf(name, secrets), permissions)
    if (enforcement !== 'unenforced') return []
  } catch (error) {
    if (!isLocal || !hasCode(error, 'DATABASE_UNREACHABLE')) throw error
    return [`The new tokens were not tried: nothing answers at ${new URL(secrets.TURSO_DB_URL).origin}. strat dev serves the databases there.`]
  }
  if (isLocal) return [`${new URL(secrets.TURSO_DB_URL).origin} lets the tokens do more than they allow.`]
  throw new StratError('TOKEN_UNENFORCED', `The host of ${name} let its new token do what it does not allow, so it was not delivered.`, {
    suggestions: ['Databases on Turso keep to fine-grained permissions; a server of your own may need another version.'],
  })
}

const revokedMeanwhile = (name: string) =>
  new StratError('DATABASE_TOKEN_REFUSED', `${name} refuses its new token, which it had accepted: somebody is invalidating tokens.`, {
    suggestions: ['Run the same command again when that has ended.', `strat rotate ${name} --force`],
  })
