import {causesOf} from '../fleet/causes.ts'
import type {MigratedDatabase, MigrateResult} from './result.ts'

/** How many databases had which outcome, and why some failed. */
export function summarize(databases: MigratedDatabase[]): MigrateResult['summary'] {
  const count = (status: MigratedDatabase['status']) => databases.filter((database) => database.status === status).length
  const failures = databases.filter((database) => database.status === 'failed')
  return {applied: count('applied'), current: count('current'), skipped: count('skipped'), failed: count('failed'), causes: causesOf(failures)}
}
