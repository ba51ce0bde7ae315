import {generateKeyPairSync, randomUUID} from 'node:crypto'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {signDatabaseToken} from '../../src/platform/local-token.ts'
import {ServedDatabase} from './served-database.ts'
import {usingFolder} from './strat.ts'

export type Answer = {status: number; body?: unknown; headers?: Record<string, string>}

/**
 * What goes wrong with requests like `POST /v1/…`, after `delayMs`: nothing more, an answer of its own, or none; `lose` comes after the request was carried out,
 * `late` some time before, and `afterwards` runs when it is.
 */
export type Fault = {match: RegExp; times?: number; delayMs?: number} & (
  | {respond?: Answer}
  | {fail: 'reset' | 'hang' | 'lose' | 'late'; lateMs?: number; afterwards?: () => unknown}
)

export type TursoServer = {
  url: string
  /** Every request that came, in order: `GET /v1/organizations`. */
  requests: string[]
  faults: Fault[]
  /** Hears of each request, and of its body, before it is carried out. */
  watch: (line: string, body: string) => void
  /** One page of the list of databases; all of them, where undefined. */
  pageSize: number | undefined
  organizations: string[]
  groups: string[]
  databases: Map<string, TursoDatabase>
  /** Where the databases' files are. */
  folder: string
  /** The answers to paths that only some tests ask for. */
  answers: Record<string, unknown>
}

export type TursoDatabase = {
  Name: string
  DbId: string
  Hostname: string
  group: string
  delete_protection: boolean
  block_writes: boolean
  sql: ServedDatabase
  body?: unknown
}

/** The platform token that the server takes. */
export const platformToken = 'platform-token'
const key = generateKeyPairSync('ed25519').privateKey.export({type: 'pkcs8', format: 'pem'}).toString()

/** Lends a server on this machine that answers as Turso's Platform API and its databases do, as far as the tests ask. */
export function usingTursoServer(use: (server: TursoServer) => Promise<void>): Promise<void> {
  return usingFolder((folder) => serveIn(folder, use))
}

async function serveIn(folder: string, use: (server: TursoServer) => Promise<void>): Promise<void> {
  const state: TursoServer = {
    url: '',
    requests: [],
    faults: [],
    watch: () => undefined,
    pageSize: undefined,
    organizations: ['desk'],
    groups: ['default'],
    databases: new Map(),
    folder,
    answers: {},
  }
  const server = createServer((request, response) => void serve(state, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    await use(state)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** By when a request is carried out whose connection was cut: by then it may have been sent again. */
const lateMs = 250

async function serve(state: TursoServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = (await request.setEncoding('utf8').toArray()).join('')
  const line = `${request.method} ${request.url}`
  state.requests.push(line)
  state.watch(line, text)
  const fault = state.faults.find(({match, times = 1}) => times > 0 && match.test(line))
  if (fault) fault.times = (fault.times ?? 1) - 1
  const isLost = fault && 'fail' in fault
  if (fault?.delayMs) await setTimeout(fault.delayMs)
  if (isLost && fault.fail === 'hang') return
  if (isLost && fault.fail === 'reset') return void request.socket.resetAndDestroy()
  if (isLost && fault.fail === 'late') {
    request.socket.resetAndDestroy()
    await setTimeout(fault.lateMs ?? lateMs)
  }
  const answer = fault && 'respond' in fault && fault.respond ? fault.respond : await answerTo(state, line, request.headers.authorization, text)
  if (isLost) {
    await fault.afterwards?.()
    return void request.socket.resetAndDestroy()
  }
  const body = answer.body === undefined ? '' : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
  response.writeHead(answer.status, {'content-type': typeof answer.body === 'string' ? 'text/html' : 'application/json', ...answer.headers}).end(body)
}

function answerTo(state: TursoServer, line: string, authorization: string | undefined, text: string): Answer | Promise<Answer> {
  const [method = '', target = ''] = line.split(' ')
  const {pathname, searchParams} = new URL(target, state.url)
  const [, root, ...path] = pathname.split('/')
  if (root === 'dev') return sql(state, path, text)
  if (authorization !== `Bearer ${platformToken}`) return refuse(401, 'token is invalid')
  const given = state.answers[pathname]
  if (given !== undefined) return {status: 200, body: given}
  if (pathname === '/v1/organizations') return {status: 200, body: {organizations: state.organizations.map((slug) => ({slug}))}}
  const [, organization = '', collection, name, ...rest] = path
  if (!state.organizations.includes(organization)) return refuse(404, 'organization not found')
  if (collection === 'groups') return groups(state, name, rest, searchParams)
  if (collection !== 'databases') return plan(state, collection)
  if (name === undefined) return method === 'POST' ? create(state, JSON.parse(text)) : list(state, searchParams)
  const database = state.databases.get(name)
  if (!database) return refuse(404, `could not find database with name [${name}]: record not found`)
  return one(state, method, database, rest, searchParams, text)
}

function one(state: TursoServer, method: string, database: TursoDatabase, rest: string[], query: URLSearchParams, text: string): Answer {
  const {sql, body, ...described} = database
  if (rest.join('/') === 'auth/tokens') {
    const {fine_grained_permissions: rules} = JSON.parse(text) as {fine_grained_permissions?: {t: string[]; a: never[]}[]}
    return mint(database.DbId, query, rules)
  }
  if (rest.join('/') === 'auth/rotate') return {status: 200}
  if (rest[0] === 'configuration') {
    if (method === 'PATCH') Object.assign(database, JSON.parse(text))
    return {status: 200, body: {block_writes: database.block_writes, delete_protection: database.delete_protection}}
  }
  if (method === 'DELETE') {
    if (database.delete_protection) return refuse(403, `database ${database.Name} is delete-protected and cannot be deleted`)
    state.databases.delete(database.Name)
    return {status: 200, body: {database: database.Name}}
  }
  return {status: 200, body: {database: described}}
}

type CreateBody = {name: string; group: string; seed?: {type: string; name?: string; value?: string}}

function create(state: TursoServer, {name, group, seed}: CreateBody): Answer {
  if (!state.groups.includes(group)) return refuse(400, 'group not found')
  const source = seed && state.databases.get(seed.name ?? seed.value ?? '')
  if (seed && !source) return refuse(400, 'seed database not found')
  if (state.databases.has(name)) return refuse(400, 'database with same name already exists')
  const {host} = new URL(state.url)
  const id = randomUUID()
  const file = join(state.folder, `${id}.db`)
  source?.sql.copyTo(file)
  const sql = new ServedDatabase(file)
  const database = {Name: name, DbId: id, Hostname: `${host}/dev/${name}`, group, delete_protection: false, block_writes: false, sql}
  state.databases.set(name, database)
  return {status: 200, body: {database: {Name: name, DbId: database.DbId, Hostname: database.Hostname}}}
}

function list({databases, pageSize}: TursoServer, query: URLSearchParams): Answer {
  const all = [...databases.values()].map(({sql, ...described}) => described)
  const start = Number(query.get('cursor') ?? 0)
  const end = start + (pageSize ?? all.length)
  return {status: 200, body: {databases: all.slice(start, end), ...(pageSize && {pagination: {next: end < all.length ? String(end) : null}})}}
}

function groups(state: TursoServer, name: string | undefined, rest: string[], query: URLSearchParams): Answer {
  if (name === undefined) return {status: 200, body: {groups: state.groups.map((group) => ({name: group}))}}
  if (state.groups.includes(name) && rest.join('/') === 'auth/rotate') return {status: 200}
  return state.groups.includes(name) && rest.join('/') === 'auth/tokens' ? mint(name, query) : refuse(404, 'group not found')
}

/** What the month has cost: nothing, of a plan with a limit. */
function plan({databases}: TursoServer, subject = ''): Answer {
  const quotas = {databases: 100, storage: 5e9, rowsRead: 5e8, rowsWritten: 1e7}
  const answers: Record<string, unknown> = {
    usage: {organization: {usage: {databases: databases.size, rows_read: 0, rows_written: 0, storage_bytes: 0}, databases: []}},
    subscription: {subscription: 'starter'},
    plans: {plans: [{name: 'starter', quotas}]},
  }
  return answers[subject] === undefined ? refuse(404, 'not found') : {status: 200, body: answers[subject]}
}

function mint(id: string, query: URLSearchParams, rules?: {t: string[]; a: never[]}[]): Answer {
  const units = {w: 604_800, d: 86_400, h: 3600, m: 60}
  const parts = [...(query.get('expiration') ?? '').matchAll(/(\d+)([wdhm])/g)]
  const lifetimeSeconds = parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units], 0)
  if (lifetimeSeconds === 0) return refuse(400, 'Invalid expiration format')
  const permissions = rules?.map(({t, a}) => ({tables: t, actions: a}))
  return {status: 200, body: {jwt: signDatabaseToken(key, id, {lifetimeSeconds, ...(permissions && {permissions})}).jwt}}
}

async function sql({databases}: TursoServer, [name = '', ...rest]: string[], text: string): Promise<Answer> {
  const database = databases.get(name)
  if (!database || rest.join('/') !== 'v2/pipeline') return refuse(404, `Namespace \`${name}\` doesn't exist`)
  const {status, type, body} = await database.sql.answer(text)
  return {status, body, headers: {'content-type': type}}
}

const refuse = (status: number, error: string): Answer => ({status, body: {error}})
