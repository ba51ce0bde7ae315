import {randomBytes} from 'node:crypto'
import type {IncomingHttpHeaders} from 'node:http'
import {type Answer, refuse} from './answer.ts'
import type {Repository} from './repository.ts'
import type {Github} from './state.ts'

export type Permissions = Record<string, 'read' | 'write'>

/** What a token may do, in which repositories; in all of them, where that is undefined. */
export type Grant = {kind: 'personal' | 'integration'; permissions: Permissions; repositories: string[] | undefined; expiresAt: number}

/** Everything that the stand-in asks for. */
export const everything: Permissions = {
  metadata: 'read',
  actions: 'write',
  administration: 'write',
  environments: 'write',
  secrets: 'write',
  variables: 'write',
  organization_secrets: 'write',
  organization_actions_variables: 'write',
}

/** A token of the length that GitHub's have. */
export function newToken(kind: 'github_pat_' | 'ghs_'): string {
  return `${kind}${randomBytes(kind === 'ghs_' ? 18 : 41).toString('hex')}`
}

/** A permission as GitHub writes it into X-Accepted-GitHub-Permissions: `secrets=write`. */
export type Needed = `${string}=${'read' | 'write'}`

export function bearerOf({authorization = ''}: IncomingHttpHeaders): string {
  return /^(?:bearer|token) (\S+)$/i.exec(authorization)?.[1] ?? ''
}

/** Whose token it is; 401 where it is nobody's, or has expired. */
export function grantOf(github: Github, headers: IncomingHttpHeaders): Grant | Answer {
  const grant = github.grants.get(bearerOf(headers))
  if (!headers.authorization) return refuse(401, 'Requires authentication')
  return grant && github.now() < grant.expiresAt ? grant : refuse(401, 'Bad credentials')
}

/** GitHub hides what a token was not given. */
export function canSee({repositories}: Grant, {owner, name}: Repository): boolean {
  return repositories === undefined || repositories.includes(`${owner}/${name}`.toLowerCase())
}

/** 403 where the token lacks the permission; undefined where it has it. */
export function refusal({kind, permissions}: Grant, needed: Needed): Answer | undefined {
  const [permission = '', access] = needed.split('=')
  if (permissions[permission] === 'write' || permissions[permission] === access) return undefined
  return refuse(403, `Resource not accessible by ${kind === 'personal' ? 'personal access token' : 'integration'}`)
}
