import type {Context} from 'hono'
import {Hono} from 'hono'
import {type DatabaseTokens, TokenRefusal} from './database-token.ts'
import type {Directory} from './directory.ts'
import {headerOf} from './header.ts'
import type {Access} from './sql/access.ts'
import type {SqlProcesses} from './sql-processes.ts'

export type SqlOverHttpOptions = {directory: Directory; processes: SqlProcesses; tokens: DatabaseTokens; isCloud: boolean; version: string}

type Found = {file: string; access: Access}

/** SQL over HTTP (Hrana over HTTP, versions 2 and 3) for each database under `/dev/{name}`, as sqld has it. */
export function sqlOverHttp({directory, processes, tokens, isCloud, version}: SqlOverHttpOptions): Hono {
  const unknown = (c: Context, name: string) => c.json({error: `Namespace \`${name}\` doesn't exist`}, 404)

  const find = async (c: Context): Promise<Found | Response> => {
    const name = c.req.param('name') ?? ''
    const database = await directory.find(name)
    if (!database) return unknown(c, name)
    try {
      const {token, isReadOnly, permissions} = tokens.check(headerOf(c, 'authorization'), name, database)
      const {blockReads, blockWrites, sizeLimit} = database
      return {file: database.file, access: {database: name, token: token.slice(-43), isReadOnly, permissions, blockReads, blockWrites, sizeLimit, isCloud}}
    } catch (error) {
      if (!(error instanceof TokenRefusal)) throw error
      const isReason = error.status === 404 || error.message.startsWith('JWT error')
      return c.json({error: isReason ? error.message : `Unauthorized: \`${error.message}\``}, error.status)
    }
  }

  const pipeline = (protocol: 2 | 3) => async (c: Context) => {
    const found = await find(c)
    if (found instanceof Response) return found
    const {status, type, body, usage} = await processes.answer({...found, kind: 'pipeline', version: protocol, body: await c.req.text()})
    if (usage) directory.addUsage(found.access.database, usage)
    return c.body(body, status, {'content-type': type})
  }

  const dump = async (c: Context) => {
    const found = await find(c)
    if (found instanceof Response) return found
    const {status, type, body} = await processes.answer({...found, kind: 'dump'})
    return c.body(body, status, {'content-type': type})
  }

  const hello = (c: Context) => c.text('Hello, this is HTTP API v2 (Hrana over HTTP)')
  const wrongMethod = (c: Context) => c.body(null, 405)

  return new Hono()
    .post('/dev/:name/v2/pipeline', pipeline(2))
    .post('/dev/:name/v3/pipeline', pipeline(3))
    .get('/dev/:name/v2', hello)
    .get('/dev/:name/v3', hello)
    .get('/dev/:name/health', (c) => c.body(''))
    .get('/dev/:name/version', (c) => c.text(version))
    .get('/dev/:name/dump', dump)
    .on(['GET', 'PUT', 'DELETE', 'PATCH'], ['/dev/:name/v2/pipeline', '/dev/:name/v3/pipeline'], wrongMethod)
    .on(['POST', 'PUT', 'DELETE', 'PATCH'], ['/dev/:name/v2', '/dev/:name/v3', '/dev/:name/health', '/dev/:name/version', '/dev/:name/dump'], wrongMethod)
}
