import {createHash} from 'node:crypto'
import type {RegistryEntry} from '../../platform/local-entry.ts'
import type {Group} from '../../platform/local-groups.ts'
import type {Api} from './api.ts'

/** The version that groups and databases say they run: that of the libSQL server whose recorded answers this one gives. */
export const serverVersion = 'v0.24.33'

/** What a client opens a database with, after `http://`. */
export const hostnameOf = (api: Api, name: string) => `${api.host()}/dev/${name}`

/** A database as the Platform API tells it: the documented fields and those that Turso's clients read besides. */
export function databaseJson(api: Api, entry: RegistryEntry, group: Pick<Group, 'primary' | 'locations'>) {
  const {parent} = entry
  return {
    Name: entry.name,
    DbId: entry.id,
    Hostname: hostnameOf(api, entry.name),
    block_reads: entry.blockReads,
    block_writes: entry.blockWrites,
    allow_attach: entry.allowAttach,
    regions: group.locations,
    primaryRegion: group.primary,
    type: entry.isSchema ? 'schema' : 'logical',
    database_type: 'libsql',
    version: serverVersion,
    group: entry.group,
    sleeping: false,
    archived: false,
    is_schema: entry.isSchema,
    schema: entry.schema ?? '',
    delete_protection: entry.deleteProtection,
    parent: parent && {id: parent.id, name: parent.name, branched_at: parent.branchedAt},
  }
}

/** A database's instances: one a location of its group, each with an id of its own that stays the same. */
export function instancesJson(api: Api, entry: RegistryEntry, group: Pick<Group, 'primary' | 'locations'>) {
  return group.locations.map((location) => ({
    uuid: instanceId(entry.id, location),
    name: location,
    type: location === group.primary ? 'primary' : 'replica',
    region: location,
    hostname: hostnameOf(api, entry.name),
  }))
}

/** A UUID (version 8) made of a database's id and a location. */
export function instanceId(databaseId: string, location: string): string {
  const hex = createHash('sha256').update(`${databaseId} ${location}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
