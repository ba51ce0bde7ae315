// A fleet behind hosts of their own, as on Turso: every database listens on a port of its own. Started by fleet-process.ts; answers
// take as long as a way over the net would.
import {generateKeyPairSync} from 'node:crypto'
import {copyFileSync} from 'node:fs'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {type AddressInfo, createServer as createSocketServer} from 'node:net'
import {join} from 'node:path'
import {signToken} from '../src/platform/local-token.ts'
import {openLibsql} from '../src/server/sql/libsql.ts'
import {FleetSql} from './fleet-sql.ts'

export type FleetServerOptions = {
  /** The file of a strategy's database, as strat makes it, and where copies of it go. */
  template: string
  folder: string
  databases: number
  /** Whether all read the one template, whose marker then names each; else each has a file of its own. */
  isShared: boolean
  latencyMs: number
}

export type SentPipeline = {database: string; body: string}

/** What the server says when it listens: the Platform API's URL and each database's. */
export type FleetServerReady = {url: string; databases: {name: string; url: string}[]}

const {template, folder, databases, isShared, latencyMs}: FleetServerOptions = JSON.parse(process.argv[2] ?? '')
const original = 'stage-template'
const key = generateKeyPairSync('ed25519').privateKey.export({type: 'pkcs8', format: 'pem'}).toString()
const sql = new FleetSql()
const names = Array.from({length: databases}, (_, index) => `stage-s${String(index).padStart(5, '0')}`)
const ports = new Map<string, number>()
/** Every pipeline that came; kept only where a file each says that they are few. */
const pipelines: SentPipeline[] = []

const server = createServer((request, response) => void serve(request, response))
const url = `http://127.0.0.1:${await listen(server)}`
if (!isShared) for (const name of names) makeFile(name)
for (const name of names) ports.set(name, await listen(createSocketServer((socket) => void server.emit('connection', socket))))
process.on('message', () => process.send?.(pipelines))
process.send?.({url, databases: names.map((name) => ({name, url: `http://${hostOf(name)}`}))} satisfies FleetServerReady)

function listen(listening: ReturnType<typeof createSocketServer>): Promise<number> {
  return new Promise((resolve) => listening.listen(0, '127.0.0.1', () => resolve((listening.address() as AddressInfo).port)))
}

function fileOf(name: string): string {
  return isShared ? template : join(folder, `${name}.db`)
}

function makeFile(name: string): void {
  copyFileSync(template, fileOf(name))
  const database = openLibsql(fileOf(name))
  database.prepare('UPDATE strat_meta SET strategy = ?').run([name])
  database.close()
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += part
  const body = answerTo(request.url ?? '', text)
  setTimeout(() => response.writeHead(body === undefined ? 404 : 200, {'content-type': 'application/json'}).end(body), latencyMs)
}

function answerTo(target: string, text: string): string | undefined {
  const [, first, name = ''] = target.split('/')
  if (first === 'dev') return answerSql(name, text)
  const {pathname, searchParams} = new URL(target, url)
  if (pathname === '/v1/organizations') return JSON.stringify({organizations: [{slug: 'desk'}]})
  if (pathname === '/v1/organizations/desk/databases') return JSON.stringify(page(searchParams))
  if (pathname === '/v1/organizations/desk/groups/default/auth/tokens') return JSON.stringify({jwt: mint()})
  return undefined
}

function answerSql(name: string, body: string): string {
  const answer = sql.answer(fileOf(name), body)
  if (isShared) return answer.replaceAll(`"${original}"`, `"${name}"`)
  pipelines.push({database: name, body})
  return answer
}

function page(query: URLSearchParams) {
  const start = Number(query.get('cursor') ?? 0)
  const end = start + Number(query.get('limit') ?? names.length)
  const listed = names.slice(start, end).map((name) => ({Name: name, DbId: name, Hostname: hostOf(name), group: 'default'}))
  return {databases: listed, pagination: {next: end < names.length ? String(end) : null}}
}

function hostOf(name: string): string {
  return `127.0.0.1:${ports.get(name)}/dev/${name}`
}

function mint(): string {
  return signToken(key, {a: 'rw', gid: 'default', exp: Math.floor(Date.now() / 1000) + 3600})
}
