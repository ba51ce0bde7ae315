import * as v from 'valibot'
import type {PlatformDatabase} from './platform.ts'
import type {Send} from './turso-api.ts'
import {toDatabase} from './turso-database.ts'
import {answerInvalid} from './turso-errors.ts'

const listed = v.object({Name: v.string(), DbId: v.string(), Hostname: v.string(), group: v.optional(v.string())})
const page = v.object({databases: v.nullable(v.array(listed)), pagination: v.nullish(v.object({next: v.nullish(v.string())}))})

const pageSize = 1000

/**
 * Every database of an organization in order of name; `path` is the organization's. The SDK reads the first page only.
 *
 * @throws TursoRefusal; StratError TURSO_ANSWER_INVALID, also where the pages never end
 */
export async function listDatabases(send: Send, api: URL, path: string): Promise<PlatformDatabase[]> {
  // By name, because a database that is made meanwhile moves others to the next page.
  const databases = new Map<string, PlatformDatabase>()
  const cursors = new Set<string>()
  for (let cursor: string | null | undefined = ''; typeof cursor === 'string'; ) {
    if (cursors.has(cursor)) throw answerInvalid(api.host, 'the list of databases comes back to a page that it had')
    cursors.add(cursor)
    const query = new URLSearchParams({limit: String(pageSize), ...(cursor !== '' && {cursor})})
    const {success, output} = v.safeParse(page, await send(`${path}/databases?${query}`))
    if (!success) throw answerInvalid(api.host, 'it lists databases without their names, ids or hosts')
    for (const {Name: name, DbId: id, Hostname: hostname, group} of output.databases ?? []) {
      databases.set(name, toDatabase(api, {name, id, hostname, group}))
    }
    cursor = output.pagination?.next || null
  }
  return [...databases.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
