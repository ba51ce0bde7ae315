import * as v from 'valibot'
import type {StratConfig} from './define-config.ts'
import {parseLifetime} from './lifetime.ts'

const text = v.pipe(v.string(), v.trim(), v.nonEmpty('must not be empty'))
const httpUrl = v.pipe(
  text,
  v.url('must be a URL'),
  v.regex(/^https?:\/\//, 'must begin with http:// or https://'),
  v.check(hasNoSecret, 'must hold no user, password, query or fragment'),
)
const weekday = v.picklist(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'])
const timeOfDay = v.pipe(v.string(), v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time like 09:15'))
const date = v.pipe(v.string(), v.isoDate('must be a date like 2026-01-26'), v.check(isDay, 'must be a day that there is'))
const timeZone = v.pipe(v.string(), v.check(isTimeZone, 'must be a time zone like Asia/Kolkata'))
const lifetime = v.pipe(
  v.string(),
  v.check((text) => parseLifetime(text) !== undefined, 'must be a duration like 90d or 2w1d, at most 365d'),
)

/** What `strat.config.*` may hold; every key is described in `define-config.ts`. */
const configSchema = v.strictObject({
  platform: v.exactOptional(v.picklist(['local', 'turso'])),
  local: v.exactOptional(v.strictObject({directory: v.exactOptional(text), url: v.exactOptional(httpUrl)})),
  turso: v.exactOptional(v.strictObject({organization: v.exactOptional(text), group: v.exactOptional(text), apiUrl: v.exactOptional(httpUrl)})),
  github: v.exactOptional(
    v.strictObject({
      repository: v.exactOptional(v.pipe(text, v.regex(/^[\w.-]+\/[\w.-]+$/, 'must be owner/name'))),
      environment: v.exactOptional(v.pipe(text, v.includes('{name}', 'must hold {name}'))),
      apiUrl: v.exactOptional(httpUrl),
    }),
  ),
  migrations: v.exactOptional(text),
  templates: v.exactOptional(text),
  market: v.exactOptional(
    v.pipe(
      v.strictObject({
        timeZone: v.exactOptional(timeZone),
        days: v.exactOptional(v.array(weekday)),
        open: v.exactOptional(timeOfDay),
        close: v.exactOptional(timeOfDay),
        holidays: v.exactOptional(v.array(date)),
        financialYearStart: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(12))),
      }),
      v.check(({open = '09:15', close = '15:30'}) => open < close, 'the market must open before it closes'),
    ),
  ),
  tokens: v.exactOptional(
    v.strictObject({
      lifetime: v.exactOptional(lifetime),
      interval: v.exactOptional(lifetime),
      secretScope: v.exactOptional(v.picklist(['environment', 'repository', 'organization'])),
    }),
  ),
  waves: v.exactOptional(v.array(text)),
  concurrency: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))),
}) satisfies v.GenericSchema<StratConfig>

/** What is wrong with a configuration: where, and for a key that nobody knows which ones there are. */
export type ConfigProblem = {path: string[]; message: string; knownKeys?: string[]}

/** The settings that a configuration file exports, or what is wrong with them. */
export function checkConfig(config: unknown): {config: StratConfig; problem?: never} | {config?: never; problem: ConfigProblem} {
  // For the schema a list is an object without keys.
  const result = v.safeParse(configSchema, Array.isArray(config) ? null : config)
  if (result.success) return {config: result.output}
  const [issue] = result.issues
  const path = issue.path?.map(({key}) => String(key)) ?? []
  // What was received may be a secret in the wrong place.
  const message = issue.message.replace(/ but received .*$/s, '')
  return {problem: {path, message, ...(issue.expected === 'never' && {knownKeys: keysAt(path.slice(0, -1))})}}
}

/** The keys that the schema knows at a place. */
function keysAt(path: string[]): string[] {
  let schema: unknown = configSchema
  for (const key of path) schema = unwrap(schema)?.[key]
  return Object.keys(unwrap(schema) ?? {})
}

function unwrap(schema: unknown): Record<string, unknown> | undefined {
  let inner = schema as {wrapped?: unknown; pipe?: unknown[]; entries?: Record<string, unknown>} | undefined
  while (inner && !inner.entries && (inner.wrapped || inner.pipe)) inner = (inner.wrapped ?? inner.pipe?.[0]) as typeof inner
  return inner?.entries
}

/** A URL that is shown, logged and committed. */
function hasNoSecret(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
}

/** February has no 30th. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', {timeZone: name})
    return true
  } catch {
    return false
  }
}
