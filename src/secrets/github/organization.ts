import {type GithubApi, orMissing} from './api.ts'
import {answerInvalid} from './github-errors.ts'
import type {Scope} from './scope.ts'

/** Which repositories may use a secret or variable of an organization. */
export type Access = {visibility: string; selected_repository_ids?: number[]}

/** Access for this repository only: that of what is made anew. */
export async function access({send, repository, host}: GithubApi): Promise<Access> {
  const {data: found} = (await orMissing(send(`GET /repos/${repository}`))) ?? {}
  const {id = await idInRuns({send, repository})} = (found ?? {}) as {id?: unknown}
  if (typeof id !== 'number') throw answerInvalid(host)
  return {visibility: 'selected', selected_repository_ids: [id]}
}

/** Every run of a workflow tells the number of its repository. */
async function idInRuns({send, repository}: Pick<GithubApi, 'send' | 'repository'>): Promise<unknown> {
  const {data} = await send(`GET /repos/${repository}/actions/runs?per_page=1`)
  const {workflow_runs: runs} = (data ?? {}) as {workflow_runs?: {repository?: {id?: unknown}}[]}
  return runs?.[0]?.repository?.id
}

/** The access that a secret of an organization has now, to be sent with its new value: left out, it would be lost. */
export async function accessOf(api: GithubApi, {secrets}: Scope, name: string): Promise<Access> {
  const answer = await orMissing(api.send(`GET ${secrets}/${name}`))
  if (!answer) return access(api)
  const {visibility} = (answer.data ?? {}) as {visibility?: unknown}
  if (visibility === 'all' || visibility === 'private') return {visibility}
  if (visibility !== 'selected') throw answerInvalid(api.host)
  return {visibility, selected_repository_ids: await selectedIds(api, `${secrets}/${name}/repositories`)}
}

async function selectedIds({send, host}: GithubApi, path: string): Promise<number[]> {
  const ids: number[] = []
  for (let page = 1; ; page++) {
    const {data} = await send(`GET ${path}?per_page=100&page=${page}`)
    const {total_count: total, repositories} = (data ?? {}) as {total_count?: unknown; repositories?: {id: number}[]}
    if (typeof total !== 'number' || !Array.isArray(repositories)) throw answerInvalid(host)
    ids.push(...repositories.map(({id}) => id))
    if (ids.length >= total || repositories.length === 0) return ids
  }
}
