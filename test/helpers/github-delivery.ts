import {recordOf} from '../../src/delivery/mint.ts'
import type {BotSecrets, SecretStore} from '../../src/secrets/secret-store.ts'
import {unsignedToken} from './token.ts'

/** New secrets for a bot, different each time. */
export const newSecrets = (url = 'https://stage-condor-me.turso.test'): BotSecrets => ({
  TURSO_DB_URL: url,
  TURSO_AUTH_TOKEN: unsignedToken({jti: crypto.randomUUID()}),
})

const described = {
  databaseId: 'database-1',
  template: 'condor',
  permissions: [{tables: ['trade_logs'], actions: ['data_read' as const, 'data_add' as const]}],
  runId: 'run-1',
}

/** As a rotation goes: looks, checks, writes, records. */
export async function deliver(store: SecretStore, strategy: string, secrets: BotSecrets): Promise<void> {
  const {url} = await store.read(strategy)
  await store.check(strategy)
  await store.write(strategy, secrets, {knownUrl: url})
  await store.record(strategy, await recordOf(secrets, described))
}
