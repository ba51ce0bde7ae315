import {type GithubApi, orMissing} from './api.ts'
import {answerInvalid, GithubRefusal} from './github-errors.ts'
import {access} from './organization.ts'
import type {Scope} from './scope.ts'

/** The text of a variable; undefined where there is none. */
export async function readVariable({send, host}: GithubApi, {variables}: Scope, name: string): Promise<string | undefined> {
  const answer = await orMissing(send(`GET ${variables}/${name}`))
  if (!answer) return undefined
  const {value} = (answer.data ?? {}) as {value?: unknown}
  if (typeof value !== 'string') throw answerInvalid(host)
  return value
}

/** Gives a variable this text, and makes it where there is none: GitHub has no call for both. */
export async function writeVariable(api: GithubApi, scope: Scope, name: string, value: string): Promise<void> {
  const update = () => api.send(`PATCH ${scope.variables}/${name}`, {value})
  if (await orMissing(update())) return
  try {
    await api.send(`POST ${scope.variables}`, {name, value, ...(scope.kind === 'organization' && (await access(api)))})
  } catch (error) {
    // Made meanwhile, or by a request of ours whose answer was lost.
    if (!(error instanceof GithubRefusal && error.status === 409)) throw error
    await update()
  }
}

/** Takes a variable away, if there is one. */
export async function deleteVariable({send}: GithubApi, {variables}: Scope, name: string): Promise<void> {
  await orMissing(send(`DELETE ${variables}/${name}`))
}
