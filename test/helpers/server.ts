import {createPrivateKey, sign} from 'node:crypto'
import {join} from 'node:path'
import {localPlatform} from '../../src/platform/local.ts'
import {openRegistry} from '../../src/platform/local-registry.ts'
import type {Platform} from '../../src/platform/platform.ts'
import {type ListenOptions, listen, type RunningServer} from '../../src/server/listen.ts'
import {usingFolder} from './strat.ts'

type Registry = Awaited<ReturnType<typeof openRegistry>>

export type TestServer = RunningServer & {
  directory: string
  platform: Platform
  registry: Registry
  /** A token for a database with these claims and no others, signed with that database's key. */
  tokenOf(name: string, claims?: object): Promise<string>
  /** Sends a request to a database, with a token that may do all unless `headers` say otherwise. */
  send(name: string, path: string, init?: {method?: string; body?: unknown; text?: string; headers?: Record<string, string>}): Promise<Response>
  /** The results of a pipeline of statements. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of it
  run(name: string, statements: (string | object)[], options?: {token?: string; baton?: string; keep?: boolean; version?: 2 | 3}): Promise<any>
}

/** Lends a server over an empty directory, in this process and on a port of its own. */
export function usingServer(use: (server: TestServer) => Promise<void>, options: Partial<ListenOptions> = {}): Promise<void> {
  return usingFolder(async (folder) => {
    const directory = join(folder, '.strat')
    const server = await listen({directory, group: 'default', port: 0, latencyMs: 0, isCloud: false, isStrict: false, version: 'test', ...options})
    const registry = await openRegistry(join(directory, 'platform.sqlite'))
    try {
      await use(testServer(server, directory, registry))
    } finally {
      registry.close()
      await server.stop()
    }
  })
}

function testServer(server: RunningServer, directory: string, registry: Registry): TestServer {
  const tokenOf = async (name: string, claims: object = {}) => signToken((await registry.access(name))?.signingKey ?? '', claims)
  const send: TestServer['send'] = async (name, path, {method = 'POST', body, text, headers} = {}) =>
    fetch(`${server.url}/dev/${name}${path}`, {
      method,
      headers: headers ?? {authorization: `Bearer ${await tokenOf(name)}`},
      ...(method === 'GET' ? {} : {body: text ?? JSON.stringify(body)}),
    })
  return {
    ...server,
    directory,
    platform: localPlatform({directory, group: 'default'}),
    registry,
    tokenOf,
    send,
    async run(name, statements, {token, baton, keep = false, version = 2} = {}) {
      const requests = statements.map((statement) => (typeof statement === 'string' ? {type: 'execute', stmt: {sql: statement}} : statement))
      const body = {baton, requests: keep ? requests : [...requests, {type: 'close'}]}
      const response = await send(name, `/v${version}/pipeline`, {body, ...(token !== undefined && {headers: {authorization: `Bearer ${token}`}})})
      const text = await response.text()
      return {status: response.status, ...(text.startsWith('{') ? JSON.parse(text) : {text})}
    },
  }
}

/** A JWT with an Ed25519 signature. */
export function signToken(privateKey: string, claims: object, header: object = {alg: 'EdDSA', typ: 'JWT'}): string {
  const unsigned = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${unsigned}.${sign(null, Buffer.from(unsigned), createPrivateKey(privateKey)).toString('base64url')}`
}
