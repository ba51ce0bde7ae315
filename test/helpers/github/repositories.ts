import {type Answer, isoSeconds, pageOf, refuse} from './answer.ts'
import type {RepositoryCall} from './call.ts'
import type {Environment, Repository} from './repository.ts'
import type {Github} from './state.ts'

export function getRepository({github, repository}: RepositoryCall): Answer {
  const {isPrivate} = repository
  return {status: 200, body: {...describeRepository(github, repository), default_branch: 'main', visibility: isPrivate ? 'private' : 'public'}}
}

export function listEnvironments({github, repository, url}: RepositoryCall): Answer {
  const all = [...repository.environments.values()].map((environment) => describe(github, repository, environment))
  return pageOf(all, 'environments', url)
}

export function getEnvironment({github, repository, params}: RepositoryCall): Answer {
  const environment = repository.environments.get(params['environment_name']?.toLowerCase() ?? '')
  return environment ? {status: 200, body: describe(github, repository, environment)} : refuse(404, 'Not Found')
}

export function putEnvironment({github, repository, params}: RepositoryCall): Answer {
  const name = params['environment_name'] ?? ''
  if (name.length > 255) return refuse(422, 'Environment name is too long (maximum is 255 characters)')
  const environment = repository.environments.get(name.toLowerCase()) ?? github.addEnvironment(name, repository)
  return {status: 200, body: describe(github, repository, environment)}
}

export function describeRepository({url, organizations}: Github, {id, owner, name, isPrivate}: Repository) {
  const isOrganization = organizations.has(owner.toLowerCase())
  return {
    id,
    node_id: `R_${id}`,
    name,
    full_name: `${owner}/${name}`,
    owner: {login: owner, id: 1, type: isOrganization ? 'Organization' : 'User'},
    private: isPrivate,
    html_url: `https://github.com/${owner}/${name}`,
    url: `${url}/repos/${owner}/${name}`,
  }
}

function describe({url}: Github, {owner, name: repo}: Repository, {id, name, createdAt}: Environment) {
  const path = `${owner}/${repo}`
  return {
    id,
    node_id: `EN_${id}`,
    name,
    url: `${url}/repos/${path}/environments/${encodeURIComponent(name)}`,
    html_url: `https://github.com/${path}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
    created_at: isoSeconds(createdAt),
    updated_at: isoSeconds(createdAt),
    protection_rules: [],
    deployment_branch_policy: null,
  }
}
