import {StratError} from '../errors.ts'
import type {Send} from './turso-api.ts'
import {isSlug} from './turso-database.ts'
import {refused, TursoRefusal} from './turso-errors.ts'

/**
 * The organization to work with: the one that is set, else the only one that the token belongs to.
 *
 * @throws StratError TURSO_ORGANIZATION_REQUIRED, TURSO_ORGANIZATION_NOT_FOUND
 */
export async function findOrganization(send: Send, wanted: string | null): Promise<string> {
  if (wanted !== null && isSlug(wanted)) return wanted
  const known = await listOrganizations(send)
  if (wanted !== null) throw organizationNotFound(wanted, known)
  const [only] = known
  if (only !== undefined && known.length === 1) return only
  throw new StratError('TURSO_ORGANIZATION_REQUIRED', `The platform token belongs to ${known.length} organizations, so say which one is meant.`, {
    suggestions: [...known.slice(0, 5).map((name) => `--organization ${name}`), 'Or set TURSO_ORGANIZATION, or turso.organization in strat.config.ts.'],
  })
}

async function listOrganizations(send: Send): Promise<string[]> {
  return slugsIn(await send('organizations'), 'organizations', 'slug')
}

/** The API answers with a bare list as it is described, and with an object as its clients read it. */
function slugsIn(answer: unknown, key: string, name: string): string[] {
  const list: unknown = typeof answer === 'object' && answer !== null && key in answer ? (answer as Record<string, unknown>)[key] : answer
  if (!Array.isArray(list)) return []
  return list.map((item: Record<string, unknown> | null) => item?.[name]).filter((value): value is string => typeof value === 'string' && isSlug(value))
}

/** Finds out what a refusal means: a wrong organization or group, which the API hardly tells apart from other reasons, or what its status says. */
export async function explainRefusal(send: Send, refusal: TursoRefusal, scope: {organization: string; group: string}): Promise<StratError> {
  if (!mayBeScope(refusal)) return refused(refusal)
  try {
    const organizations = await listOrganizations(send)
    if (organizations.length > 0 && !organizations.includes(scope.organization)) return organizationNotFound(scope.organization, organizations)
    const groups = slugsIn(await send(`organizations/${scope.organization}/groups`), 'groups', 'name')
    if (refusal.status !== 403 && !groups.includes(scope.group)) return groupNotFound(scope, groups)
  } catch (error) {
    // A token of a group may not ask; what it was told first says more then.
    if (!(error instanceof TursoRefusal)) throw error
  }
  return refused(refusal)
}

const mayBeScope = ({status, message}: TursoRefusal) => status === 403 || status === 404 || (status === 400 && /group|organization/i.test(message))

const organizationNotFound = (organization: string, known: string[]) =>
  new StratError('TURSO_ORGANIZATION_NOT_FOUND', `The platform token belongs to no organization ${organization}.`, {
    suggestions: known.length > 0 ? known.slice(0, 5).map((name) => `--organization ${name}`) : ['Use a token of a member of the organization.'],
  })

const groupNotFound = ({organization, group}: {organization: string; group: string}, known: string[]) =>
  new StratError('TURSO_GROUP_NOT_FOUND', `The organization ${organization} has no group ${group}.`, {
    suggestions: [...known.slice(0, 5).map((name) => `--group ${name}`), `turso group create ${group} makes it.`],
  })
