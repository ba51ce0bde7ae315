import {type Answer, isoSeconds, pageOf, refuse} from './answer.ts'
import type {ScopeCall} from './call.ts'
import {byName, complaintOfName, nameOf} from './names.ts'
import {accessOf, complaintOfAccess, describeAccess, newAccess} from './organization.ts'
import {keepVariable, type Variable} from './scope.ts'

const mostBytes = 48 * 1024

export function listVariables({scope, url, organization}: ScopeCall): Answer {
  const all = [...scope.variables.values()].map((variable) => describe(variable, organization, url))
  return pageOf(byName(all), 'variables', url, {usual: 10, most: 30})
}

export function getVariable({scope, params, url, organization}: ScopeCall): Answer {
  const variable = scope.variables.get(nameOf(params))
  return variable ? {status: 200, body: describe(variable, organization, url)} : refuse(404, 'Not Found')
}

export function postVariable({github, scope, body, organization}: ScopeCall): Answer {
  const {value, ...given} = body as {name: string; value: string}
  const name = given.name.toUpperCase()
  const wrong = complaintOf(name, value) ?? (organization && complaintOfAccess(github, body))
  if (wrong) return refuse(422, wrong)
  if (scope.variables.has(name)) return refuse(409, 'Already exists - Variable already exists')
  if (scope.variables.size >= mostIn(organization, scope)) return refuse(422, 'You have reached the limit of variables')
  keepVariable(scope, name, value, github.now(), organization && newAccess(body, undefined))
  return {status: 201, body: {}}
}

export function patchVariable({github, scope, params, body, organization}: ScopeCall): Answer {
  const before = scope.variables.get(nameOf(params))
  if (!before) return refuse(404, 'Not Found')
  const {name = before.name, value = before.value} = body as {name?: string; value?: string}
  const wrong = complaintOf(name.toUpperCase(), value) ?? (organization && complaintOfAccess(github, body))
  if (wrong) return refuse(422, wrong)
  if (name.toUpperCase() !== before.name) return refuse(422, 'The stand-in renames no variable')
  keepVariable(scope, before.name, value, github.now(), organization && newAccess(body, accessOf(before)))
  return {status: 204}
}

export function deleteVariable({scope, params}: ScopeCall): Answer {
  return scope.variables.delete(nameOf(params)) ? {status: 204} : refuse(404, 'Not Found')
}

const mostIn = (organization: ScopeCall['organization'], scope: ScopeCall['scope']) => (organization ? 1000 : 'environments' in scope ? 500 : 100)

function complaintOf(name: string, value: string): string | undefined {
  if (Buffer.byteLength(value) > mostBytes) return 'Variable value is too large, it must be at most 48 KB'
  return value === '' ? 'Variable value must not be empty' : complaintOfName(name, 'Variable')
}

function describe(variable: Variable, organization: ScopeCall['organization'], url: URL) {
  const times = {created_at: isoSeconds(variable.createdAt), updated_at: isoSeconds(variable.updatedAt)}
  const access = organization && describeAccess(variable, `/orgs/${organization.login}/actions/variables`, url)
  return {name: variable.name, value: variable.value, ...times, ...access}
}
