import {isLoopback} from '../network-error.ts'
import type {PlatformDatabase} from './platform.ts'
import {answerInvalid} from './turso-errors.ts'

/** Whether a text may be the name of an organization or a group; others would leave their place in a path. */
export const isSlug = (text: string) => /^[A-Za-z0-9][\w.-]*$/.test(text)

/** What the API says of a database, not checked yet. */
export type DatabaseAnswer = {name?: unknown; id?: unknown; hostname?: unknown; group?: unknown}

/**
 * A database as the API describes it. Its URL is `https://` and its host, or `http://` where the API itself is on this machine
 * (`strat dev`, which serves a database below a path).
 *
 * @throws StratError TURSO_ANSWER_INVALID where the API does not say what it must, or its host is none to send a token to
 */
export function toDatabase(api: URL, {name, id, hostname, group}: DatabaseAnswer): PlatformDatabase {
  if (typeof name !== 'string' || typeof id !== 'string' || id === '' || typeof hostname !== 'string') {
    throw answerInvalid(api.host, 'it describes a database without its name, id or host')
  }
  return {name, id, group: typeof group === 'string' && isSlug(group) ? group : '', url: urlOf(api, hostname)}
}

function urlOf(api: URL, hostname: string): string {
  const isLocal = api.protocol === 'http:'
  const url = /^[a-z0-9][\w.-]*(:\d+)?(\/[\w-]+)*$/i.test(hostname) ? URL.parse(`${isLocal ? 'http' : 'https'}://${hostname}`) : null
  if (url && (!isLocal || isLoopback(url))) return url.href.replace(/\/$/, '')
  throw answerInvalid(api.host, 'it gives a database a host that is none')
}
