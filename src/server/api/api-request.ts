import type {Context} from 'hono'
import {HTTPException} from 'hono/http-exception'
import * as v from 'valibot'
import {isDatabaseName} from '../../platform/database-name.ts'

/** A refusal in the way of the Platform API: its message is the `error` of the answer. */
export const refusal = (status: 400 | 401 | 403 | 404 | 409, message: string) => new HTTPException(status, {message})

/**
 * Reads a JSON object from the body, whatever content type it claims to have; no body is an empty object. As on Turso, keys may
 * be in any case, unknown ones are ignored unless the server is strict, and null is as good as absent. Anything else is refused with 400.
 */
export async function readBody<T>(c: Context, schema: v.GenericSchema<unknown, T> & {entries: object}): Promise<T> {
  const text = await c.req.text()
  const value = text.trim() === '' ? {} : parseJson(text)
  if (!v.is(plainObject, value)) throw refusal(400, 'invalid request body: it must be a JSON object')
  const fields = Object.entries(value).flatMap(([key, field]) => (field === null ? [] : [[key.toLowerCase(), field]]))
  const unknown = c.get('isStrict') ? fields.find(([key]) => !Object.hasOwn(schema.entries, String(key))) : undefined
  if (unknown) throw refusal(400, `invalid request body: unknown field ${String(unknown[0]).slice(0, 64)}`)
  const result = v.safeParse(schema, Object.fromEntries(fields))
  if (result.success) return result.output
  throw refusal(400, `invalid request body: ${describe(result.issues[0])}`)
}

/** The name of something to make, by Turso's rule. */
export const newName = v.pipe(v.string(), v.check(isDatabaseName, 'must be lowercase letters, numbers and dashes, at most 64, with no dash at its ends'))

/** An object that is no array. */
export const plainObject = v.custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'must be an object')

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw refusal(400, 'invalid request body: it is not JSON')
  }
}

/** Without what was received: it may be long, or a secret. */
function describe(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue) ?? 'it'
  if (issue.received === 'undefined') return `${field} is missing`
  return issue.kind === 'schema' && issue.type !== 'custom' ? `${field} must be ${issue.expected}` : `${field} ${issue.message}`
}

/** A whole number of the query, at least 1 and taken down to `max`; anything else is refused with 400. */
export function wholeNumber(c: Context, name: string, {fallback, max}: {fallback: number; max: number}): number {
  const text = c.req.query(name)
  if (text === undefined || text === '') return fallback
  if (!/^\d{1,15}$/.test(text) || Number(text) === 0) throw refusal(400, `invalid ${name} parameter: it must be a whole number, 1 or more`)
  return Math.min(Number(text), max)
}

/** One of the values that a query parameter may have; anything else is refused with 400. */
export function oneOf<T extends string>(c: Context, name: string, values: readonly T[], fallback: T): T {
  const text = c.req.query(name)
  if (text === undefined || text === '') return fallback
  const value = values.find((each) => each === text)
  if (value === undefined) throw refusal(400, `invalid ${name} parameter: it must be ${values.join(' or ')}`)
  return value
}
