import {Hono} from 'hono'
import {HTTPException} from 'hono/http-exception'
import {methodNotAllowed} from 'hono/method-not-allowed'
import {type ErrorCode, messageOf, StratError} from '../../errors.ts'
import {localDatabases} from '../../platform/local-databases.ts'
import {serially} from '../../serially.ts'
import {type Api, type ApiApp, type ApiEnv, organizationPath} from './api.ts'
import {authenticate, authorize} from './api-auth.ts'
import {refusal} from './api-request.ts'
import {apiTokenRoutes} from './api-tokens-api.ts'
import {auditLogRoutes} from './audit-logs-api.ts'
import {databaseConfigurationRoutes} from './database-configuration-api.ts'
import {databaseRoutes} from './databases-api.ts'
import {groupRoutes} from './groups-api.ts'
import {inviteRoutes} from './invites-api.ts'
import {memberRoutes} from './members-api.ts'
import {organizationRoutes} from './organization-api.ts'
import {planRoutes} from './plans-api.ts'
import {tokenRoutes} from './tokens-api.ts'
import {usageRoutes} from './usage-api.ts'

export type PlatformApiOptions = {
  /** Of the local platform; an absolute path. */
  directory: string
  /** The group of new databases that name none. */
  group: string
  /** The slug of the one organization. */
  organization: string
  /** The bearer token that is accepted, beside those that are created through the API. A secret. */
  apiToken: string
  /** Refuses what Turso Cloud refuses although its API documents it. */
  isCloud: boolean
  /** Refuses what Turso passes over: fields of a request that it does not know. */
  isStrict: boolean
  /** Lets go of a database's open connections before its file is deleted. */
  release(name: string): Promise<void>
  /** Where the server listens, for `Hostname`: `127.0.0.1:8080`. */
  host: () => string
}

const paths = ['/v1/*', '/v2/organizations/*', '/v2/auth/*']

const routes = [
  databaseRoutes,
  databaseConfigurationRoutes,
  usageRoutes,
  tokenRoutes,
  groupRoutes,
  organizationRoutes,
  planRoutes,
  memberRoutes,
  inviteRoutes,
  apiTokenRoutes,
  auditLogRoutes,
]

/** Turso's Platform API for one organization over the local platform: `/v1/*`, `/v2/organizations/*` and `/v2/auth/*`. Every error is JSON: `{error}`. */
export function platformApi(options: PlatformApiOptions): ApiApp {
  const {directory, group, release, apiToken, isStrict, ...rest} = options
  const databases = localDatabases({directory, group, release})
  const api: Api = {...rest, group, databases, serially: serially()}
  const app: ApiApp = new Hono<ApiEnv>()
  app.onError(answerError)
  guard(app, api, {apiToken, isStrict})
  for (const add of routes) add(app, api)
  for (const path of paths) app.all(path, (c) => c.json({error: 'not found'}, 404))
  return app
}

/** What happens before every operation: the token, the organization, the default group. */
function guard(app: ApiApp, api: Api, {apiToken, isStrict}: Pick<PlatformApiOptions, 'apiToken' | 'isStrict'>): void {
  let hasGroup = false
  const allow = methodNotAllowed({app, onMethodNotAllowed: (c, methods) => c.json({error: 'method not allowed'}, 405, {Allow: methods.join(', ')})})
  for (const path of paths) {
    app.use(path, allow, async (c, next) => {
      c.set('isStrict', isStrict)
      c.set('restriction', await authenticate(c, apiToken, api.databases))
      authorize(c, api.organization)
      // Once, and again where the directory was taken away meanwhile.
      if (!hasGroup || !api.databases.isPrepared()) await api.databases.usingRegistry(({groups}) => groups.create(api.group, 'local'))
      hasGroup = true
      await next()
    })
  }
  for (const path of [organizationPath, organizationPath.replace('v1', 'v2')]) {
    app.use(`${path}/*`, async (c, next) => {
      if (c.req.param('organization') !== api.organization) throw refusal(404, 'organization not found')
      await next()
    })
  }
}

const statuses: Partial<Record<ErrorCode, 400 | 403 | 404 | 503>> = {
  DATABASE_NAME_INVALID: 400,
  DATABASE_PATH_TAKEN: 400,
  DATABASE_NOT_FOUND: 404,
  DATABASE_DELETE_PROTECTED: 403,
  DATABASE_BUSY: 503,
}

/** What is no refusal and no storage error is a bug, and says nothing to the caller. */
function answerError(error: Error, c: Parameters<Parameters<ApiApp['onError']>[0]>[1]): Response {
  if (error instanceof HTTPException) return c.json({error: error.message}, error.status)
  if (error instanceof StratError) return c.json({error: messageOf(error)}, statuses[error.code] ?? 500)
  return c.json({error: 'internal error'}, 500)
}
