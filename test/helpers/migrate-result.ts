import type {MigratedDatabase, MigrateResult} from '../../src/migrator/result.ts'
import {summarize} from '../../src/migrator/summarize.ts'

/** The result of a run that had these outcomes. */
export const resultOf = (databases: MigratedDatabase[], rest: Partial<MigrateResult> = {}): MigrateResult => ({
  run: 'run-1',
  kindRuns: 1,
  shard: null,
  databases,
  unmarked: [],
  drift: [],
  rehearsals: [],
  warnings: [],
  interrupted: false,
  summary: summarize(databases),
  ...rest,
})

export const applied = (name: string, ...migrations: string[]): MigratedDatabase => ({name, status: 'applied', migrations, requests: 2})
export const current = (name: string): MigratedDatabase => ({name, status: 'current', requests: 1})
export const skipped = (name: string, reason: string): MigratedDatabase => ({name, status: 'skipped', reason, code: 'OPEN_POSITIONS'})
export const failed = (name: string, reason: string, details: {statement?: string; suggestions?: string[]} = {}): MigratedDatabase => ({
  name,
  status: 'failed',
  reason,
  code: 'MIGRATION_FAILED',
  suggestions: [],
  ...details,
})
/** So many databases `live-0`, `live-1`, … with an outcome. */
export const many = (count: number, outcome: (name: string) => MigratedDatabase): MigratedDatabase[] =>
  Array.from({length: count}, (_, index) => outcome(`live-${index}`))
