import * as v from 'valibot'
import {StratError} from '../errors.ts'
import type {DatabaseConfiguration, PlatformDatabase} from './platform.ts'
import type {Send} from './turso-api.ts'
import {answerInvalid, TursoRefusal} from './turso-errors.ts'

const answered = v.object({block_writes: v.boolean(), delete_protection: v.optional(v.boolean(), false)})

/**
 * What the database at `path` is set to; `host` is for messages.
 *
 * @throws TursoRefusal; StratError TURSO_ANSWER_INVALID where the API does not say it
 */
export async function readConfiguration(send: Send, host: string, path: string): Promise<DatabaseConfiguration> {
  const {success, output} = v.safeParse(answered, await send(`${path}/configuration`))
  if (!success) throw answerInvalid(host, 'it describes the configuration of a database without what it blocks')
  return {deleteProtection: output.delete_protection, blockWrites: output.block_writes}
}

/** Changes what is given of the configuration of the database at `path`. */
export async function configureDatabase(send: Send, path: string, {deleteProtection, blockWrites}: Partial<DatabaseConfiguration>): Promise<void> {
  const body = JSON.stringify({delete_protection: deleteProtection, block_writes: blockWrites})
  await send(`${path}/configuration`, {method: 'PATCH', body, isRepeatable: true})
}

/**
 * Makes sure that neither the database nor its group is protected; `path` is the organization's. Where the group may not be looked at,
 * only the deletion itself can tell.
 *
 * @throws TursoRefusal; StratError DATABASE_DELETE_PROTECTED, TURSO_ANSWER_INVALID
 */
export async function requireDeletable(send: Send, host: string, path: string, {name, group}: Pick<PlatformDatabase, 'name' | 'group'>): Promise<void> {
  const ofDatabase = await readConfiguration(send, host, `${path}/databases/${name}`)
  if (ofDatabase.deleteProtection || (group !== '' && (await isGroupProtected(send, `${path}/groups/${group}`)))) throw deleteProtected(name)
}

async function isGroupProtected(send: Send, path: string): Promise<boolean> {
  try {
    return v.is(v.object({delete_protection: v.literal(true)}), await send(`${path}/configuration`))
  } catch (error) {
    if (error instanceof TursoRefusal && (error.status === 403 || error.status === 404)) return false
    throw error
  }
}

/** The error for a database that may not be deleted. */
export const deleteProtected = (name: string) =>
  new StratError('DATABASE_DELETE_PROTECTED', `${name} is delete-protected and cannot be deleted.`, {
    suggestions: ['Turn its delete protection, or that of its group, off first.'],
  })
