import {StratError} from '../../errors.ts'
import type {TokenRecord} from '../secret-store.ts'

/** The name of the variable that tells of a strategy's token. */
export const metaName = 'STRAT_TOKEN_META'

/** The version of what the variable holds. */
const version = 1

/** What the variable holds: no secret. */
export const toMeta = (record: TokenRecord): string => JSON.stringify({v: version, ...record})

/**
 * What the variable holds, or undefined where it is nothing that strat has written.
 *
 * @throws StratError STORAGE_NEWER for that of a newer strat
 */
export function parseMeta(text: string, title: string): TokenRecord | undefined {
  const {v, ...fields} = toObject(text)
  if (typeof v === 'number' && v > version) {
    throw new StratError('STORAGE_NEWER', `${metaName} in the ${title} was written by a newer strat.`, {
      suggestions: ['Update strat: npm install --save-dev strat-cli@latest'],
    })
  }
  const {url, tokenSha256} = fields
  const [issuedAt, expiresAt] = [toInstant(fields['issuedAt']), toInstant(fields['expiresAt'])]
  const texts = ['databaseId', 'template', 'permissions', 'runId'].map((key) => fields[key] ?? null)
  const [databaseId = null, template = null, permissions = null, runId = null] = texts.filter(isTextOrNull)
  const isOurs = v === version && texts.every(isTextOrNull) && typeof url === 'string' && typeof tokenSha256 === 'string'
  return isOurs && issuedAt && expiresAt ? {databaseId, url, template, permissions, tokenSha256, issuedAt, expiresAt, runId} : undefined
}

function toObject(text: string): Record<string, unknown> {
  try {
    return {...JSON.parse(text)}
  } catch {
    return {}
  }
}

/** Plain text of some length: it is shown. */
const isTextOrNull = (value: unknown): value is string | null => value === null || (typeof value === 'string' && !/\p{Cc}/u.test(value) && value.length < 5000)

function toInstant(value: unknown): Date | undefined {
  const instant = new Date(typeof value === 'string' ? value : Number.NaN)
  return Number.isNaN(instant.getTime()) ? undefined : instant
}
