import * as v from 'valibot'
import {signToken, type TokenClaims} from '../../platform/local-token.ts'
import {type Api, type ApiApp, type ApiContext, audit, organizationPath, usingDatabase, usingGroup} from './api.ts'
import {oneOf, plainObject, readBody} from './api-request.ts'
import {readExpiration} from './expiration.ts'

/** Tokens for a database and for a group, and their invalidation, which changes the key that they are signed with. */
export function tokenRoutes(app: ApiApp, api: Api): void {
  const database = `${organizationPath}/databases/:database/auth`
  const group = `${organizationPath}/groups/:group/auth`
  app.post(`${database}/tokens`, async (c) => c.json({jwt: await createDatabaseToken(api, c)}))
  app.post(`${group}/tokens`, async (c) => c.json({jwt: await createGroupToken(api, c)}))
  app.post(`${database}/rotate`, async (c) => {
    await usingDatabase(api, c, ({id}, registry) => registry.rotateSigningKey(id))
    return c.body(null, 200)
  })
  app.post(`${group}/rotate`, async (c) => {
    await usingGroup(api, c, ({name}, {groups}) => groups.rotateSigningKeys(name))
    return c.body(null, 200)
  })
}

const actions = ['data_read', 'data_add', 'data_update', 'data_delete', 'schema_add', 'schema_update', 'schema_delete'] as const

const tokenInput = v.object({
  // A token's leave to ATTACH; no database of the local platform can be attached.
  permissions: v.optional(v.pipe(plainObject, v.object({read_attach: v.nullish(v.object({databases: v.nullish(v.array(v.string()))}))}))),
  fine_grained_permissions: v.optional(
    v.array(
      v.object({
        t: v.optional(v.nullable(v.pipe(v.array(v.string()), v.nonEmpty('must name a table, or be null for all of them'))), null),
        a: v.pipe(v.array(v.picklist(actions)), v.nonEmpty('must name an action')),
      }),
    ),
  ),
})

/** What every token says, whatever it is for. */
async function readClaims(c: ApiContext): Promise<Omit<TokenClaims, 'id' | 'gid'>> {
  const exp = readExpiration(c.req.query('expiration') ?? '')
  const authorization = oneOf(c, 'authorization', ['full-access', 'read-only'], 'full-access')
  const {fine_grained_permissions: perm = []} = await readBody(c, tokenInput)
  return {a: authorization === 'read-only' ? 'ro' : 'rw', ...(exp !== undefined && {exp}), ...(perm.length > 0 && {perm})}
}

async function createDatabaseToken(api: Api, c: ApiContext): Promise<string> {
  const claims = await readClaims(c)
  const {name, id, signingKey} = await usingDatabase(api, c, async (entry) => entry)
  await audit(api, c, 'db-token-create', {database: name})
  return signToken(signingKey, {...claims, id})
}

async function createGroupToken(api: Api, c: ApiContext): Promise<string> {
  const claims = await readClaims(c)
  const {name, id, signingKey} = await usingGroup(api, c, async (group) => group)
  await audit(api, c, 'group-token-create', {group: name})
  return signToken(signingKey, {...claims, gid: id})
}
