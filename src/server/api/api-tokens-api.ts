import * as v from 'valibot'
import type {ApiToken} from '../../platform/local-api-tokens.ts'
import {newSigningKey} from '../../platform/local-signing-key.ts'
import {signToken} from '../../platform/local-token.ts'
import {type Api, type ApiApp, type ApiContext, audit, groupNotFound, organizationPath} from './api.ts'
import {apiTokenScopes, sha256} from './api-auth.ts'
import {readBody, refusal} from './api-request.ts'
import {emailOf} from './email.ts'

/** API tokens: validate, list, create, revoke. A value is told once, and accepted until its token is revoked. */
export function apiTokenRoutes(app: ApiApp, api: Api): void {
  const list = () => api.databases.usingRegistry(({apiTokens}) => apiTokens.list())
  app.get('/v1/auth/validate', (c) => c.json({exp: -1}))
  // As Turso's SDK asks for it.
  app.get('/v1/auth/api-tokens/validate', (c) => c.json({exp: -1}))
  app.get('/v1/auth/api-tokens', async (c) => c.json({tokens: (await list()).map(tokenJson)}))
  app.post('/v1/auth/api-tokens/:name', async (c) => c.json(await createApiToken(api, c)))
  // As turso-cli asks for one.
  app.post('/v2/auth/api-tokens/:name', async (c) => {
    const {token, ...rest} = await createApiToken(api, c)
    return c.json({token: {...rest, value: token}})
  })
  app.delete('/v1/auth/api-tokens/:name', async (c) => {
    const revoked = await api.databases.usingRegistry(({apiTokens}) => apiTokens.revokeByName(c.req.param('name')))
    return c.json({token: found(revoked).name})
  })
  app.get(`${organizationPath}/api-tokens`, async (c) => {
    const owner = {username: api.organization, email: emailOf(api.organization)}
    const ours = (await list()).filter(({organization}) => organization === api.organization)
    return c.json({tokens: ours.map((token) => ({...tokenJson(token), owner}))})
  })
  app.delete(`${organizationPath}/api-tokens/:id`, async (c) => {
    const revoked = await api.databases.usingRegistry(({apiTokens}) => apiTokens.revokeById(c.req.param('id'), api.organization))
    return c.json({token: found(revoked).id})
  })
}

const presets: Record<string, readonly string[]> = {'read-only': ['read'], 'full-access': apiTokenScopes}

const createInput = v.object({
  organization: v.optional(v.string()),
  group: v.optional(v.string()),
  scopes: v.optional(v.array(v.picklist([...apiTokenScopes, 'read-only', 'full-access']))),
})

async function createApiToken(api: Api, c: ApiContext): Promise<{name: string; id: string; token: string}> {
  const name = c.req.param('name') ?? ''
  if (!/^[\w.-]{1,64}$/.test(name)) throw refusal(400, 'invalid token name: letters, digits, dots, dashes and underscores, at most 64')
  const input = await readBody(c, createInput)
  const restriction = await readRestriction(api, input)
  const id = crypto.randomUUID()
  // Looks like Turso's, but what is compared is its hash: nobody needs the key again.
  const token = signToken(await newSigningKey(), {a: 'rw', id})
  const createdAt = new Date().toISOString().slice(0, 10)
  const added = await api.databases.usingRegistry(({apiTokens}) => apiTokens.add({id, name, createdAt, ...restriction}, sha256(token)))
  if (!added) throw refusal(409, `a token with the name ${name} already exists`)
  await audit(api, c, 'user-token-create', {token: name})
  return {name, id, token}
}

/** A group needs an organization and scopes; scopes need a group. */
async function readRestriction(api: Api, {organization, group, scopes = []}: v.InferOutput<typeof createInput>) {
  if (organization && organization !== api.organization) throw refusal(404, 'organization not found')
  if (!group) {
    if (scopes.length > 0) throw refusal(400, 'scopes need a group')
    return {organization: organization || null, group: null, scopes: null}
  }
  if (!organization) throw refusal(400, 'a group needs its organization')
  if (scopes.length === 0) throw refusal(400, 'a group needs scopes')
  if (!(await api.databases.usingRegistry(({groups}) => groups.find(group)))) throw groupNotFound()
  return {organization, group, scopes: [...new Set(scopes.flatMap((scope) => presets[scope] ?? [scope]))]}
}

function found(token: ApiToken | undefined): ApiToken {
  if (!token) throw refusal(404, 'token not found')
  return token
}

function tokenJson({id, name, organization, group, scopes, createdAt}: ApiToken) {
  return {name, id, ...(organization && {organization}), ...(group && {group}), ...(scopes && {scopes}), created_at: createdAt}
}
