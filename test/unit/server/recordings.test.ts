import {generateKeyPairSync} from 'node:crypto'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {signToken, type TestServer, usingServer} from '../../helpers/server.ts'
import {projectRoot} from '../../helpers/strat.ts'

type Body = {baton?: string | null} & Record<string, unknown>
type Exchange = {
  name: string
  request?: {database?: string; method: string; path: string; headers?: Record<string, string>; body?: Body; text?: string}
  response?: {status: number; headers?: Record<string, string>; body?: Body; text?: string}
}

const folder = join(projectRoot, 'test/fixtures/sqld')
const place = 'the place in the JSON text: its parser is not the one of the server'

/** Where ours answers something else than the recorded server did, and why. All else must be equal. */
const different: Record<string, Record<string, string>> = {
  values: {
    'insert text with NUL': 'the libsql package returns a text up to its first NUL',
    'refused: float as string (the seed article)': place,
    'refused: integer as number': place,
    'refused: integer out of range': place,
    'refused: integer not a number': place,
    'refused: null value': place,
    'refused: unknown type': place,
    'refused: no type': place,
    'refused: bad base64': place,
    'refused: bare value': place,
  },
  execute: {
    'select, columns and declared types': 'of a window function the rows read are estimated, 12 instead of 10',
    explain: "a column that SQLite calls notused holds the planner's estimate from 3.46 on",
  },
  batch: {'unknown condition': place},
  stream: {
    'unknown request type': place,
    'request without type': place,
    'no requests key': place,
    'body not JSON': place,
    'empty body': place,
    'array body': place,
  },
  index: {'GET /version': 'it is another server'},
  blocked: {
    'write while writes are blocked': 'the reason is what the owner of the recorded server had written',
    'read while all is blocked': 'the reason is what the owner of the recorded server had written',
    'write while all is blocked': 'the reason is what the owner of the recorded server had written',
  },
  'seed-python': {'floats as strings': place},
  auth: {'GET /version without a token': 'it is another server'},
}

/** In the order in which they were recorded: later ones see what earlier ones wrote. */
const subjects = ['values', 'execute', 'batch', 'stream', 'index', 'blocked', 'seed-python', 'client', 'auth']

test(
  'every recorded exchange with a real server is answered alike',
  () =>
    usingServer(async (server) => {
      expect(readdirSync(folder).sort()).toEqual(subjects.map((subject) => `${subject}.json`).sort())
      const tokens = await prepare(server)
      for (const subject of subjects) {
        const {exchanges} = JSON.parse(readFileSync(join(folder, `${subject}.json`), 'utf8')) as {exchanges: Exchange[]}
        expect([subject, await replay(server, tokens, exchanges)]).toEqual([subject, Object.keys(different[subject] ?? {})])
      }
    }),
  60_000,
)

async function replay(server: TestServer, tokens: Tokens, exchanges: Exchange[]): Promise<string[]> {
  const batons = new Map<string, string>()
  const unequal: string[] = []
  for (const exchange of exchanges) {
    if (!exchange.request || !exchange.response) continue
    await before(server, exchange.name, tokens)
    const {status, text} = await resend(server, exchange, tokens, batons)
    const body = parse(text)
    const recorded = exchange.response.body
    const oldBaton = recorded && !Array.isArray(recorded) ? recorded.baton : undefined
    if (oldBaton && typeof body === 'object') batons.set(oldBaton, String((body as Body).baton))
    try {
      // What a client can tell apart, apart from what the recordings say is no part of the contract.
      const essence = essenceOf(exchange)
      expect({status, body: essence(body)}).toEqual({status: exchange.response.status, body: essence(recorded ?? exchange.response.text ?? '')})
    } catch {
      unequal.push(exchange.name)
    }
  }
  return unequal
}

type Tokens = Map<string, string>

async function prepare({platform, tokenOf, registry}: TestServer): Promise<Tokens> {
  for (const name of ['t', 'u', 'a', 'b', 'c', 'client']) await platform.createDatabase(name)
  const now = Math.floor(Date.now() / 1000)
  const of = (claims: object) => tokenOf('a', claims)
  const stranger = generateKeyPairSync('ed25519').privateKey.export({type: 'pkcs8', format: 'pem'}).toString()
  const ownKey = (await registry.access('a'))?.signingKey ?? ''
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`
  return new Map([
    ['full access, no claims', await of({})],
    ['a rw', await of({a: 'rw'})],
    ['a ro', await of({a: 'ro'})],
    ['a superuser', await of({a: 'superuser'})],
    ['expired an hour ago', await of({exp: now - 3600})],
    ['expires in an hour', await of({exp: now + 3600})],
    ['valid from tomorrow', await of({nbf: now + 86_400})],
    ['signed by another key', signToken(stranger, {})],
    ['alg none, no signature', unsigned],
    ['HS256 in the header', signToken(ownKey, {}, {alg: 'HS256'})],
    // The recorded server knows a database by its name, Turso and ours by an id.
    ['id a', await of({id: (await registry.access('a'))?.id})],
    ['p rw a', await of({p: {rw: {ns: ['a']}}})],
    ['p ro a', await of({p: {ro: {ns: ['a']}}})],
    ['signed by the own key of c', await tokenOf('c')],
  ])
}

/** What was done to the recorded server between the exchanges. */
async function before({registry, tokenOf}: TestServer, name: string, tokens: Tokens): Promise<void> {
  const idOf = async (database: string) => (await registry.access(database))?.id ?? ''
  if (name === 'after 5.6 s with no other writer: still alive') await wait(5600)
  if (name === 'after 11.5 s: the stream has expired') await wait(11_500)
  if (name === 'its key was changed: the old token') await registry.rotateSigningKey(await idOf('c'))
  if (name === 'its key was changed: a new token') tokens.set('signed by the new key of c', await tokenOf('c'))
  if (/while writes are blocked/.test(name)) await registry.configure(await idOf('t'), {blockWrites: true})
  if (/while all is blocked/.test(name)) await registry.configure(await idOf('t'), {blockReads: true})
  if (/past the size limit/.test(name)) await registry.configure(await idOf('t'), {blockReads: false, blockWrites: false, sizeLimit: 100_000})
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function resend(server: TestServer, {request}: Exchange, tokens: Tokens, batons: Map<string, string>): Promise<{status: number; text: string}> {
  const {database = 'client', method = 'POST', path = '', headers, body, text} = request ?? {}
  const baton = body?.baton
  const isAuthTested = !['t', 'u', 'client'].includes(database)
  const response = await server.send(database, path, {
    method,
    ...(text === undefined ? {body: baton && batons.has(baton) ? {...body, baton: batons.get(baton)} : body} : {text}),
    ...(isAuthTested && {headers: withTokens(headers ?? {}, tokens)}),
  })
  return {status: response.status, text: await response.text()}
}

function withTokens(headers: Record<string, string>, tokens: Tokens): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace(/<(.*)>/, (_, token: string) => tokens.get(token) ?? token)]))
}

function parse(text: string): unknown {
  return /^[{[]/.test(text) ? JSON.parse(text) : text
}

/** Of an answer what does not change from run to run; a baton counts as there or not there. What the schema costs in rows is no part of the contract. */
function essenceOf({request}: Exchange): (value: unknown) => unknown {
  const isUncounted = /"sql":"(?:PRAGMA|CREATE|DROP|ALTER)/i.test(JSON.stringify(request?.body ?? ''))
  const volatile = ['replication_index', 'query_duration_ms', ...(isUncounted ? ['rows_read', 'rows_written'] : [])]
  const essence = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(essence)
    if (typeof value !== 'object' || value === null) return value
    const kept = Object.entries(value).filter(([key]) => !volatile.includes(key))
    return Object.fromEntries(kept.map(([key, inner]) => [key, key === 'baton' ? typeof inner : essence(inner)]))
  }
  return essence
}
