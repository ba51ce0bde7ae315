import type {Api} from './api.ts'
import {refusal} from './api-request.ts'

const units: Record<string, number> = {'': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40}

/** Reads a size in bytes or with a unit (`256mb`); null for 0, which is no limit. Refused with 400 where it is no size, and as on Turso Cloud. */
export function readSizeLimit({isCloud}: Pick<Api, 'isCloud'>, text: string): number | null {
  if (isCloud) throw refusal(400, 'size_limit is not supported for databases on AWS')
  const [, number = '', unit = ''] = /^(\d{1,15}) ?([kmgt]?i?b)?$/i.exec(text.trim()) ?? []
  const bytes = Number(number) * (units[unit.toLowerCase()] ?? Number.NaN)
  if (number === '' || !Number.isSafeInteger(bytes)) throw refusal(400, 'invalid size_limit: it must be bytes, or a number with a unit like 256mb')
  return bytes || null
}

/** A size limit as the Platform API tells it: bytes, in digits; 0 where there is none. */
export const sizeLimitJson = (bytes: number | null) => String(bytes ?? 0)
