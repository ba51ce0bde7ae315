import {existsSync} from 'node:fs'
import {open} from 'node:fs/promises'
import {pathToFileURL} from 'node:url'
import type {Client} from '@libsql/client/sqlite3'
import {StratError} from '../errors.ts'
import {apiTokenRecords} from './local-api-tokens.ts'
import {auditLogRecords} from './local-audit-log.ts'
import {databaseRecords} from './local-database-records.ts'
import {busyTimeoutMs} from './local-files.ts'
import {groupRecords} from './local-groups.ts'
import {inviteRecords, memberRecords} from './local-members.ts'
import {organizationRecord} from './local-organization.ts'
import {registrySteps} from './local-schema.ts'
import {usageRecords} from './local-usage.ts'

/**
 * What the local platform remembers besides the databases' files, subject by subject. Each call is one transaction of its own,
 * and nothing is kept in memory: several processes use the file at once.
 */
export type Registry = ReturnType<typeof registryOf>

/** Lends the registry, a libSQL file, and closes it afterwards. A file of an older strat is brought up to date in place. */
export async function usingRegistry<T>(file: string, use: (registry: Registry) => Promise<T>): Promise<T> {
  const registry = await openRegistry(file)
  try {
    return await use(registry)
  } finally {
    registry.close()
  }
}

/**
 * Opens the registry for as long as the caller wants.
 *
 * @throws StratError STORAGE_NEWER for a file of a newer strat
 */
export async function openRegistry(file: string): Promise<Registry> {
  const {createClient} = await import('@libsql/client/sqlite3')
  if (!existsSync(file)) await (await open(file, 'a', 0o600)).close()
  const client = createClient({url: pathToFileURL(file).href, timeout: busyTimeoutMs})
  try {
    await prepareRegistry(client, file)
    return registryOf(client)
  } catch (error) {
    client.close()
    throw error
  }
}

function registryOf(client: Client) {
  return {
    ...databaseRecords(client),
    ...usageRecords(client),
    groups: groupRecords(client),
    organization: organizationRecord(client),
    members: memberRecords(client),
    invites: inviteRecords(client),
    apiTokens: apiTokenRecords(client),
    auditLog: auditLogRecords(client),
    close: () => client.close(),
  }
}

async function prepareRegistry(client: Client, file: string): Promise<void> {
  const found = await versionOf(client)
  const steps = registrySteps()
  const version = steps.length
  if (found === version) return
  if (found > version) {
    throw new StratError('STORAGE_NEWER', `${file} was made by a newer version of strat (format ${found}, this one reads ${version}).`, {
      suggestions: ['Update strat: npm install strat-cli@latest'],
    })
  }
  await client.batch([...steps.slice(found).flat(), `PRAGMA user_version = ${version}`], 'write').catch(async (error) => {
    // Of several processes that do it at once, the first one succeeds; the others find its tables in their way.
    if ((await versionOf(client)) === found) throw error
    await prepareRegistry(client, file)
  })
}

async function versionOf(client: Client): Promise<number> {
  const {rows} = await client.execute('PRAGMA user_version')
  return Number(rows[0]?.['user_version'])
}
