import {refusal} from './api-request.ts'

const seconds: Record<string, number> = {w: 604_800, d: 86_400, h: 3_600, m: 60}

/** Turso's words for a token that does not expire, which is also the default. */
const forever = ['', 'never', 'none', 'default']

/** When a token expires, in seconds since 1970, by Turso's grammar (`2w1d30m`); undefined for never. Refused with 400 where it is neither. */
export function readExpiration(text: string, now = new Date()): number | undefined {
  if (forever.includes(text)) return
  if (!/^(?=\d)(\d{1,9}w)?(\d{1,9}d)?(\d{1,9}h)?(\d{1,9}m)?$/.test(text)) throw invalidExpiration()
  const lifetime = [...text.matchAll(/(\d+)([wdhm])/g)].reduce((sum, [, count, unit = '']) => sum + Number(count) * (seconds[unit] ?? 0), 0)
  const expiresAt = Math.floor(now.getTime() / 1000) + lifetime
  // Beyond that, no Date can hold it.
  if (lifetime === 0 || expiresAt > 8.64e12) throw invalidExpiration()
  return expiresAt
}

const invalidExpiration = () => refusal(400, 'Invalid expiration format: it must be like 2w1d30m, or never')
