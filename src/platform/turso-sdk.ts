import {createClient} from '@tursodatabase/api'
import type {Send} from './turso-api.ts'

export type TursoSdk = ReturnType<typeof createClient>

type Sender = {request: (path: string, config: {send: Send}, init?: RequestInit) => Promise<unknown>}

/**
 * Turso's SDK for one organization, with `send` in place of its one sender: its own waits for ever, hides `Retry-After`,
 * loses the status of an answer that is not JSON, and takes an empty one for an error.
 */
export function tursoSdk(organization: string, send: Send): TursoSdk {
  // Each of its clients hands the configuration on to the sender, ours with it. The token stays with `send`.
  const config = {org: organization, token: 'unused', send}
  const sdk = createClient(config)
  const sender = sdk.constructor as unknown as Sender
  sender.request = (path, {send}, {method, body} = {}) => send(path, {...(method && {method}), ...(typeof body === 'string' && {body})})
  return sdk
}
