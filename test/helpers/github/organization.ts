import {type Answer, pageOf, refuse} from './answer.ts'
import type {ScopeCall} from './call.ts'
import {nameOf} from './names.ts'
import {describeRepository} from './repositories.ts'
import type {Repository} from './repository.ts'
import type {Access, Visibility} from './scope.ts'
import type {Github} from './state.ts'

type GivenAccess = {visibility?: Visibility; selected_repository_ids?: number[]}

export const accessOf = (stored: {access: Access | undefined} | undefined) => stored?.access

/** Who may read from now on: what is not sent again is lost, also the repositories that were selected. */
export function newAccess(body: unknown, before: Access | undefined): Access {
  const {visibility = before?.visibility ?? 'private', selected_repository_ids: repositoryIds = []} = body as GivenAccess
  return {visibility, repositoryIds}
}

export function complaintOfAccess({repositories}: Github, body: unknown): string | undefined {
  const {selected_repository_ids: ids = []} = body as GivenAccess
  const known = new Set([...repositories.values()].map(({id}) => id))
  return ids.every((id) => known.has(id)) ? undefined : 'Invalid request.\n\nA selected repository does not exist.'
}

export function describeAccess({name, access}: {name: string; access: Access | undefined}, path: string, {origin, pathname}: URL) {
  const visibility = access?.visibility ?? 'private'
  if (visibility !== 'selected') return {visibility}
  const base = pathname.slice(0, pathname.indexOf('/orgs/'))
  return {visibility, selected_repositories_url: `${origin}${base}${path}/${name}/repositories`}
}

export function listSelectedRepositories({github, scope, params, url}: ScopeCall): Answer {
  const access = accessOf(scope.secrets.get(nameOf(params)))
  if (!access) return refuse(404, 'Not Found')
  if (access.visibility !== 'selected') return refuse(409, 'Conflict')
  const selected = [...github.repositories.values()].filter(({id}) => access.repositoryIds.includes(id))
  return pageOf(
    selected.map((repository) => describeRepository(github, repository)),
    'repositories',
    url,
  )
}

export function putSelectedRepositories({github, scope, params, body}: ScopeCall): Answer {
  const secret = scope.secrets.get(nameOf(params))
  if (!secret?.access) return refuse(404, 'Not Found')
  if (secret.access.visibility !== 'selected') return refuse(409, 'Conflict')
  const wrong = complaintOfAccess(github, body)
  if (wrong) return refuse(422, wrong)
  secret.access = newAccess(body, secret.access)
  return {status: 204}
}

/** Whether a job of the repository is given it. */
export function isFor({owner, id, isPrivate}: Repository, login: string, access: Access | undefined): boolean {
  if (owner.toLowerCase() !== login.toLowerCase()) return false
  const visibility = access?.visibility ?? 'private'
  return visibility === 'selected' ? (access?.repositoryIds.includes(id) ?? false) : visibility === 'all' || isPrivate
}
