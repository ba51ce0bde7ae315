import {types} from 'node:util'
import type {InValue} from '@libsql/client'
import type {ClassPlan} from './class-plan.ts'
import {hazardsOf} from './hazards.ts'

/** A value of SQLite's as JSON can hold it: bytes and integers beyond JavaScript's as objects. */
export type JsonArgument = string | number | boolean | null | {integer: string} | {base64: string}

/** One migration of a plan: what it would send, and what is to be known of it beforehand. */
export type PlannedMigration = {
  name: string
  /** `interactive`: it reads, or differs each time, so its statements are not known. */
  mode: 'atomic' | 'interactive'
  /** Why it is interactive. */
  reason: string | null
  safeWithOpenPositions: boolean
  statements: {sql: string; args: JsonArgument[]}[]
  /** The tables that are made anew and filled from their old selves. */
  rebuilds: string[]
  /** What drops data: the number of the statement, from 0, and why. */
  destructive: {statement: number; reason: string}[]
  /** What stays under another name, which bots that run do not know. */
  renamed: string[]
}

/** The migrations of a plan in their order, each examined against the schema that it meets, or behind what was not rehearsed against the last one known. */
export function plannedMigrations({recordings, rehearsal}: Pick<ClassPlan, 'recordings' | 'rehearsal'>): PlannedMigration[] {
  return recordings.map((recording, index) => {
    const {name, mode, safeWithOpenPositions} = recording
    const statements = recording.mode === 'atomic' ? recording.statements : []
    return {
      name,
      mode,
      reason: recording.mode === 'interactive' ? recording.reason : null,
      safeWithOpenPositions,
      statements: statements.map(({sql, args}) => ({sql, args: Object.values(args ?? {}).map(toJson)})),
      ...hazardsOf(statements, rehearsal?.schemas[index] ?? rehearsal?.schemas.at(-1) ?? []),
    }
  })
}

function toJson(value: InValue): JsonArgument {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : {integer: String(value)}
  if (types.isDate(value)) return value.toISOString()
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return {base64: Buffer.from(value as Uint8Array).toString('base64')}
  return value as string | number | boolean | null
}
