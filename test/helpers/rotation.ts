import {readFileSync} from 'node:fs'
import {setImmediate} from 'node:timers/promises'
import {decodeDatabaseToken} from '../../src/database-token.ts'
import type {Delivery} from '../../src/delivery/deliver.ts'
import {Pace} from '../../src/fleet/pace.ts'
import type {Platform} from '../../src/platform/platform.ts'
import {tursoPlatform} from '../../src/platform/turso.ts'
import {fingerprintOf} from '../../src/secrets/fingerprint.ts'
import {githubStore} from '../../src/secrets/github/github.ts'
import type {GithubLimits} from '../../src/secrets/github/limits.ts'
import {prepareRotation} from '../../src/tokens/prepare-rotation.ts'
import type {RotateResult} from '../../src/tokens/result.ts'
import {rotateTokens} from '../../src/tokens/rotate.ts'
import {createHere} from './commands-here.ts'
import {usingGithub} from './github/github.ts'
import type {Github} from './github/state.ts'
import {usingFolder} from './strat.ts'
import {usingWatchedDev, type WatchedDev} from './watched-dev.ts'

const day = 86_400

/** A fleet on `strat dev`, whose bots have their secrets on the stand-in for GitHub, and what is needed to rotate them in this process. */
export type Rotation = {
  folder: string
  dev: WatchedDev
  github: Github
  /** What makes a `strat` process use both. */
  env: Record<string, string>
  platform: Platform
  delivery: Delivery
  /** Rotates, with waits of milliseconds where real ones take seconds. */
  rotate(options?: {names?: string[]; force?: boolean; canary?: string; width?: number; limits?: Partial<GithubLimits>}): Promise<RotateResult>
  /** Makes a strategy's token look as if it had been issued days ago. */
  age(name: string, days: number): void
}

export async function usingRotation(names: string[], use: (rotation: Rotation) => Promise<void>): Promise<void> {
  await usingFolder((folder) =>
    usingWatchedDev(folder, (dev) =>
      usingGithub(async (github) => {
        for (const name of names) await createHere({folder, env: dev.env}, name)
        await use(rotationOf(folder, dev, github))
      }),
    ),
  )
}

function rotationOf(folder: string, dev: WatchedDev, github: Github): Rotation {
  const openPlatform = () =>
    tursoPlatform({
      apiUrl: dev.url,
      apiToken: dev.apiToken,
      organization: 'local',
      group: 'default',
      limits: {answerMs: 5000, outageMs: 1000, rateLimitMs: 1000},
    })
  const deliveryWith = (platform: Platform, limits: Partial<GithubLimits> = {}): Delivery => {
    const store = githubStore({
      apiUrl: github.url,
      repository: github.repository,
      scope: 'environment',
      environment: '{name}',
      credentials: {token: github.token, inActions: false},
      limits: {writeGapMs: 0, secondMs: 5, confirmMs: 2000, lookMs: 5, ...limits},
    })
    const permissionsOf = async (template: string) => JSON.parse(readFileSync(`templates/strategies/${template}.json`, 'utf8')).permissions
    const [botUrlOf, runId, lifetimeSeconds] = [({url}: {url: string}) => url, 'run-1', 90 * day]
    return {platform, store, workflowRuns: store, permissionsOf, botUrlOf, lifetimeSeconds, runId, onMinted: () => undefined}
  }
  const platform = openPlatform()
  return {
    folder,
    dev,
    github,
    env: {...dev.env, GITHUB_API_URL: github.url, GITHUB_REPOSITORY: github.repository, GITHUB_TOKEN: github.token},
    platform,
    delivery: deliveryWith(platform),
    async rotate({names = [], force = false, canary, width = 4, limits} = {}) {
      const platform = openPlatform()
      const common = {platform, delivery: deliveryWith(platform, limits), onProgress: () => undefined}
      const [fleet, now, policy] = [{pace: new Pace({start: 16, most: 16})}, () => new Date(), {lifetimeSeconds: 90 * day, intervalSeconds: 30 * day}]
      const prepared = await prepareRotation({...common, fleet, now, policy}, {names, all: names.length === 0, force, dryRun: false})
      return rotateTokens({...common, fleet: {pace: new Pace({start: width, most: width})}, isLocal: false, canary}, prepared)
    },
    age(name, days) {
      const place = {environment: name}
      const meta = JSON.parse(github.variableOf(place, 'STRAT_TOKEN_META') ?? '{}')
      github.setVariable(place, 'STRAT_TOKEN_META', JSON.stringify({...meta, issuedAt: new Date(Date.now() - days * day * 1000).toISOString()}))
    },
  }
}

/** What a strategy's bot would get now, and what a request with it is answered with; 0 where there is nothing. */
export async function useStoredSecrets({github}: Pick<Rotation, 'github'>, name: string): Promise<number> {
  const secrets = github.bot(name)
  if (!secrets) return 0
  const body = JSON.stringify({requests: [{type: 'execute', stmt: {sql: 'SELECT capital_allocated FROM portfolio_state'}}, {type: 'close'}]})
  const response = await fetch(`${secrets.TURSO_DB_URL}/v2/pipeline`, {method: 'POST', headers: {authorization: `Bearer ${secrets.TURSO_AUTH_TOKEN}`}, body})
  const {results} = response.ok ? ((await response.json()) as {results: {type: string}[]}) : {results: []}
  return results[0]?.type === 'ok' ? 200 : response.status
}

/** Whether what is recorded of a strategy's token is true of the token that its bot would get. */
export async function isRecordTrue({github}: Pick<Rotation, 'github'>, name: string): Promise<boolean> {
  const token = github.bot(name)?.TURSO_AUTH_TOKEN ?? ''
  const meta = JSON.parse(github.variableOf({environment: name}, 'STRAT_TOKEN_META') ?? '{}')
  return meta.tokenSha256 === (await fingerprintOf(token)) && Date.parse(meta.expiresAt) === decodeDatabaseToken(token)?.expiresAt.getTime()
}

/** Uses what a strategy's bot would get, again and again, while `work` goes on: how often, and how often that failed. */
export async function whileUsed(
  rotation: Pick<Rotation, 'github'>,
  name: string,
  work: () => Promise<unknown>,
): Promise<{requests: number; failures: number[]}> {
  let isOver = false
  const used = {requests: 0, failures: [] as number[]}
  const checker = async () => {
    while (!isOver) {
      const status = await useStoredSecrets(rotation, name).catch(() => -1)
      used.requests += 1
      if (status !== 200) used.failures.push(status)
      await setImmediate()
    }
  }
  const checking = checker()
  try {
    await work()
  } finally {
    isOver = true
    await checking
  }
  return used
}
