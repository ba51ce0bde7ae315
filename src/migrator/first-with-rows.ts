import {usingDatabase} from '../database/connect.ts'
import {hasCode} from '../errors.ts'
import type {Platform, PlatformDatabase} from '../platform/platform.ts'
import {quoteName} from './stock.ts'

/** How many databases are asked for rows: one that is as empty as these ten shows as much. */
const maxAsked = 10

/** The first database that has a row in one of the tables, one request each; undefined where none of the first ten has. */
export async function firstWithRows(
  platform: Pick<Platform, 'connect'>,
  candidates: PlatformDatabase[],
  tables: string[],
): Promise<PlatformDatabase | undefined> {
  if (tables.length === 0) return undefined
  for (const candidate of candidates.slice(0, maxAsked)) if (await hasRows(platform, candidate, tables)) return candidate
  return undefined
}

async function hasRows(platform: Pick<Platform, 'connect'>, candidate: PlatformDatabase, tables: string[]): Promise<boolean> {
  const statements = tables.map((table) => ({sql: `SELECT 1 FROM ${quoteName(table)} LIMIT 1`, args: []}))
  try {
    const results = await usingDatabase(await platform.connect(candidate), (database) => database.read(statements))
    return results.some(({rows}) => rows.length > 0)
  } catch (error) {
    // Destroyed since it was found.
    if (hasCode(error, 'DATABASE_NOT_FOUND')) return false
    throw error
  }
}
