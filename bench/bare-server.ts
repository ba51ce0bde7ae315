// The least that could do the same: hono and libSQL in one process, with a token check. Started by dev-server.ts.
import {createPublicKey, verify} from 'node:crypto'
import {createAdaptorServer} from '@hono/node-server'
import {Hono} from 'hono'
import Database from 'libsql'

const [, , file = '', keyPem = ''] = process.argv
const database = new Database(file)
const key = createPublicKey(Buffer.from(keyPem, 'base64url').toString())
const verified = new Set<string>()

function isGood(token: string): boolean {
  const end = token.lastIndexOf('.')
  const isSigned = verified.has(token) || verify(null, Buffer.from(token.slice(0, end)), key, Buffer.from(token.slice(end + 1), 'base64url'))
  if (isSigned) verified.add(token)
  return isSigned
}

const app = new Hono().post('/dev/:name/v2/pipeline', async (c) => {
  if (!isGood((c.req.header('authorization') ?? '').slice(7))) return c.json({error: 'Unauthorized'}, 401)
  const {requests} = await c.req.json<{requests: {stmt: {sql: string}}[]}>()
  const statement = database.prepare(requests[0]?.stmt.sql ?? '').raw()
  const rows = (statement.all() as unknown[][]).map((row) => row.map((value) => ({type: 'text', value: String(value)})))
  const cols = statement.columns().map(({name, type}) => ({name, decltype: type}))
  const result = {cols, rows, affected_row_count: 0, last_insert_rowid: null}
  return c.json({
    baton: null,
    base_url: null,
    results: [
      {type: 'ok', response: {type: 'execute', result}},
      {type: 'ok', response: {type: 'close'}},
    ],
  })
})

const server = createAdaptorServer({fetch: app.fetch})
server.listen(0, '127.0.0.1', () => process.send?.(server.address()))
