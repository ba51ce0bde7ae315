import {ProtocolError} from './statement-error.ts'

// Requests are checked by hand: the words of a refusal must be those of the real server (serde's), which no schema library
// has, and every request of every bot passes here.

export type Json = unknown
export type JsonObject = Record<string, unknown>

/** The error that a real server gives for a body that is no JSON, or no request. */
export const malformed = (reason: string) => new ProtocolError(`Cannot deserialize client message from JSON: ${reason}`)

export function parseJson(text: string): Json {
  try {
    return JSON.parse(text)
  } catch (error) {
    const isCut = error instanceof SyntaxError && /^Unexpected end/.test(error.message)
    throw malformed(isCut ? 'EOF while parsing a value' : 'expected value')
  }
}

export function asObject(value: Json, expected: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw wrongType(value, expected)
}

export function asArray(value: Json): Json[] {
  if (Array.isArray(value)) return value
  throw wrongType(value, 'a sequence')
}

export function asText(value: Json): string {
  if (typeof value !== 'string') throw wrongType(value, 'a string')
  if (value.isWellFormed()) return value
  throw malformed('lone leading surrogate in hex escape')
}

export function asOptional<T>(value: Json, read: (value: Json) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value)
}

export function asFloat(value: Json): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'number') throw malformed('number out of range')
  throw wrongType(value, 'f64')
}

/** An integer from 0, or from -2^31 where it is an id. */
export function asInteger(value: Json, type: 'i32' | 'u32'): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(value, type)
  const [least, most] = type === 'u32' ? [0, 0xffff_ffff] : [-0x8000_0000, 0x7fff_ffff]
  if (value >= least && value <= most) return value
  throw malformed(`invalid value: integer \`${value}\`, expected ${type}`)
}

/** A 64-bit integer in decimal digits. */
export function asInteger64(value: Json): string {
  if (typeof value !== 'string') throw wrongType(value, 'a borrowed string')
  if (/^[+-]?\d{1,20}$/.test(value)) {
    const integer = BigInt(value)
    if (BigInt.asIntN(64, integer) === integer) return value.replace(/^\+/, '')
  }
  throw malformed(`invalid value: string ${JSON.stringify(shorten(value))}, expected decimal integer as a string`)
}

export function asBase64(value: Json): string {
  const text = asText(value)
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.replace(/=+$/, '').length % 4 !== 1) return text
  throw malformed(`invalid value: string ${JSON.stringify(shorten(text))}, expected binary data encoded as base64`)
}

export function required(object: JsonObject, field: string): Json {
  if (Object.hasOwn(object, field)) return object[field]
  throw malformed(`missing field \`${field}\``)
}

/** The `type` of a tagged object, one of those that are known. */
export function typeOf<T extends string>(object: JsonObject, known: readonly T[]): T {
  const type = asText(required(object, 'type'))
  const found = known.find((name) => name === type)
  if (found !== undefined) return found
  throw malformed(`unknown variant \`${shorten(type)}\`, expected one of ${known.map((name) => `\`${name}\``).join(', ')}`)
}

function wrongType(value: Json, expected: string): ProtocolError {
  return malformed(`invalid type: ${describe(value)}, expected ${expected}`)
}

function describe(value: Json): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return `string ${JSON.stringify(shorten(value))}`
  if (typeof value === 'number') return Number.isInteger(value) ? `integer \`${value}\`` : `floating point \`${value}\``
  if (typeof value === 'boolean') return `boolean \`${value}\``
  return Array.isArray(value) ? 'sequence' : 'map'
}

/** A refusal shows what was wrong, not all of a huge body. */
const shorten = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}…` : text)
