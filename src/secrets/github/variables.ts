import {type GithubApi, orMissing} from './api.ts'
import {answerInvalid, GithubRefusal} from './github-errors.ts'
import {access} from './organization.ts'
import type {Scope} from './scope.ts'

/** A variable's text, and when it was last changed; undefined where there is none. */
export async function readVariable({send, host}: GithubApi, {variables}: Scope, name: string): Promise<{text: string; updatedAt: Date | null} | undefined> {
  const answer = await orMissing(send(`GET ${variables}/${name}`))
  if (!answer) return undefined
  const {value, updated_at: updatedAt} = (answer.data ?? {}) as {value?: unknown; updated_at?: unknown}
  if (typeof value !== 'string') throw answerInvalid(host)
  const instant = new Date(String(updatedAt))
  return {text: value, updatedAt: Number.isNaN(instant.getTime()) ? null : instant}
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
