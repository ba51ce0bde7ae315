import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseEnv} from 'node:util'
import {expect} from 'vitest'
import {usingDatabase} from '../../src/database/connect.ts'
import {createMarkerTable, insertMarker} from '../../src/database/marker.ts'
import {type Delivery, deliverSecrets} from '../../src/delivery/deliver.ts'
import {Pace} from '../../src/fleet/pace.ts'
import {tursoPlatform} from '../../src/platform/turso.ts'
import {dotenvStore} from '../../src/secrets/dotenv.ts'
import {prepareRevocation} from '../../src/tokens/blast-radius.ts'
import {type ProbeResult, probeToken} from '../../src/tokens/probe.ts'
import {type RevokeResult, revoke} from '../../src/tokens/revoke.ts'
import type {FaultyDev} from './faulty-dev.ts'

/** What a revocation works with: a platform over the faulty server, and a store of files in `folder`. */
export function desk({url, server}: Pick<FaultyDev, 'url' | 'server'>, folder: string, runId = 'run-1') {
  const platform = tursoPlatform({
    apiUrl: url,
    apiToken: server.apiToken,
    organization: server.organization,
    group: 'default',
    limits: {answerMs: 2000, outageMs: 300, rateLimitMs: 1000},
  })
  const delivery: Delivery = {
    platform,
    store: dotenvStore({folder}),
    botUrlOf: ({url}) => url,
    permissionsOf: async () => [{tables: ['trade_logs'], actions: ['data_read', 'data_add']}],
    lifetimeSeconds: 90 * 86_400,
    runId,
    onMinted: () => undefined,
  }
  return {platform, delivery, pace: new Pace({start: 4, most: 4}), onProgress: () => undefined, limits: {settleMs: 300, outageMs: 1500, pollMs: 20}}
}

export type Desk = ReturnType<typeof desk>

/** As the command does it, without asking. */
export async function revokeTokens(dependencies: Desk, name = 'live-condor'): Promise<RevokeResult> {
  return revoke(dependencies, await prepareRevocation(dependencies, {name}))
}

/** The strategies of the group of `makeGroup` whose bots have secrets; the writes of the last one were blocked by somebody. */
export const bots = ['live-condor', 'stage-condor', 'stage-frozen']

/** Two strategies, one whose writes somebody has blocked, and a database that is not ours. Returns what the bots have. */
export async function makeGroup({platform, delivery}: Desk, folder: string): Promise<Bot[]> {
  for (const name of [...bots, 'not-ours']) {
    const {database} = await platform.createDatabase(name)
    const marker = insertMarker({strategy: name, kind: 'strategy', template: 'blank', createdAt: '2026-01-01T00:00:00Z'})
    const table = {sql: 'CREATE TABLE trade_logs (id TEXT PRIMARY KEY)', args: []}
    await usingDatabase(await platform.connect(database), (opened) => opened.migrate(name === 'not-ours' ? [table] : [table, createMarkerTable, marker]))
    if (name !== 'not-ours') await deliverSecrets(delivery, database, 'blank')
  }
  await platform.configureDatabase('stage-frozen', {blockWrites: true})
  return botsIn(folder)
}

export type Bot = {name: string; url: string; authToken: string}

/** What each bot would use now. */
export const botsIn = (folder: string): Promise<Bot[]> =>
  Promise.all(
    bots.map(async (name) => {
      const {TURSO_DB_URL: url = '', TURSO_AUTH_TOKEN: authToken = ''} = parseEnv(await readFile(join(folder, `.env.${name}`), 'utf8'))
      return {name, url, authToken}
    }),
  )

export const probeAll = (tokens: Bot[]): Promise<ProbeResult[]> => Promise.all(tokens.map(probeToken))

/** Makes sure that a revocation is whole: the tokens from before are dead, each bot has a good one, and nothing is left of it. */
export async function expectRevoked({platform, delivery}: Desk, folder: string, before: Bot[], title = ''): Promise<void> {
  const blocked: string[] = []
  for (const {name} of await platform.listDatabases()) if ((await platform.readConfiguration(name)).blockWrites) blocked.push(name)
  expect(
    {old: await probeAll(before), now: await probeAll(await botsIn(folder)), blocked, note: await delivery.store.readNote('revocation-default')},
    title,
  ).toEqual({old: bots.map(() => 'refused'), now: bots.map(() => 'accepted'), blocked: ['stage-frozen'], note: undefined})
}

/** Makes sure that no tokens were invalidated any more once bots could have new ones. */
export function expectNoneTwice(requests: string[], title = ''): void {
  const minted = requests.findIndex((line) => /auth\/tokens\?expiration=(?!1h&)/.test(line))
  expect(
    requests.slice(minted < 0 ? requests.length : minted).filter((line) => line.includes('auth/rotate')),
    title,
  ).toEqual([])
}
