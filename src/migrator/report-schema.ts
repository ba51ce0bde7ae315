import * as v from 'valibot'
import {type ErrorCode, exitCodes} from '../errors.ts'
import {maxShards} from '../fleet/shard.ts'
import type {MigratedDatabase, MigrateResult} from './result.ts'

const name = v.pipe(v.string(), v.nonEmpty())
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const shard = v.pipe(
  v.object({index: count, count: v.pipe(count, v.maxValue(maxShards))}),
  v.check(({index, count}) => index >= 1 && index <= count),
)
const code = v.custom<ErrorCode>((value) => typeof value === 'string' && Object.hasOwn(exitCodes, value), 'Unknown error code')

const migratedDatabase = v.variant('status', [
  v.object({name, status: v.literal('applied'), migrations: v.array(v.string()), requests: count}),
  v.object({name, status: v.literal('current'), requests: count}),
  v.object({name, status: v.literal('skipped'), reason: v.string(), code}),
  v.object({
    name,
    status: v.literal('failed'),
    reason: v.string(),
    code,
    suggestions: v.array(v.string()),
    migration: v.exactOptional(v.string()),
    statement: v.exactOptional(v.string()),
  }),
]) satisfies v.GenericSchema<unknown, MigratedDatabase>

const difference = v.object({type: name, name, expected: v.exactOptional(v.string()), actual: v.exactOptional(v.string())})

const migrateResult = v.object({
  run: name,
  kindRuns: count,
  shard: v.nullable(shard),
  databases: v.array(migratedDatabase),
  unmarked: v.array(v.string()),
  drift: v.array(v.object({databases: v.array(name), differences: v.array(difference)})),
  rehearsals: v.array(v.object({database: name, fork: name, tables: v.array(v.object({name, before: count, after: v.nullable(count)}))})),
  warnings: v.array(v.string()),
  interrupted: v.boolean(),
  summary: v.object({
    applied: count,
    current: count,
    skipped: count,
    failed: count,
    causes: v.array(v.object({reason: v.string(), count, example: v.string()})),
  }),
}) satisfies v.GenericSchema<unknown, MigrateResult>

/** A report as `strat migrate --json` writes it; else where it first is none (`databases.3.code`, or empty: nowhere). */
export function checkReport(report: unknown): {report: MigrateResult; problem?: never} | {report?: never; problem: string} {
  const result = v.safeParse(migrateResult, report)
  if (result.success) return {report: result.output}
  return {problem: result.issues[0].path?.map(({key}) => String(key)).join('.') ?? ''}
}
