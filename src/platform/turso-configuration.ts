import * as v from 'valibot'
import type {DatabaseConfiguration} from './platform.ts'
import type {Send} from './turso-api.ts'
import {answerInvalid} from './turso-errors.ts'

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
