import type {Group} from '../../platform/local-groups.ts'
import {type Api, type ApiContext, audit, groupNotFound} from './api.ts'
import {refusal} from './api-request.ts'

/**
 * Deletes a group with its databases, one after the other: where it is interrupted, the group and the rest of them are left, and
 * it can be done again. Refused with 403, before anything is deleted, while the group or one of its databases is delete-protected.
 */
export async function deleteGroup(api: Api, c: ApiContext, group: Group): Promise<Group> {
  const {name} = group
  if (group.deleteProtection) throw refusal(403, `${name} is delete-protected and cannot be deleted`)
  const protectedOne = (await databasesOf(api, name)).find((entry) => entry.deleteProtection)
  if (protectedOne) throw refusal(403, `${protectedOne.name} is delete-protected and cannot be deleted`)
  await forgetGroup(api, group)
  await audit(api, c, 'group-delete', {group: name})
  return group
}

/** Somebody may make a database in the group meanwhile: it goes, too, unless that does not end. */
async function forgetGroup(api: Api, {name, id}: Group): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    for (const entry of await databasesOf(api, name)) await api.serially(entry.name, () => api.databases.delete(entry.name, entry.id))
    if (await api.databases.usingRegistry(({groups}) => groups.forget(name))) return
    const current = await api.databases.usingRegistry(({groups}) => groups.find(name))
    if (current?.id !== id) throw groupNotFound()
  }
  throw refusal(409, `${name} is in use: databases are being created in it`)
}

/** Those without a file, too: an entry that a crash has left would keep the group. */
async function databasesOf(api: Api, group: string) {
  // Registers the files that came by hand.
  await api.databases.list()
  const entries = await api.databases.usingRegistry((registry) => registry.list())
  return entries.filter((entry) => entry.group === group)
}
