import {isProtected} from '../fleet/guards.ts'
import type {PlatformDatabase} from '../platform/platform.ts'
import type {ClassPlan} from './class-plan.ts'
import {plannedMigrations} from './planned-migration.ts'

/** What a person must agree to before a fleet is changed. */
export type Danger = {
  /** How many databases would be changed. */
  databases: number
  /** The protected ones among them, by name. */
  live: string[]
  /** What drops data: the migration, and why. */
  destructive: {migration: string; reason: string}[]
}

/** What is dangerous about these plans, as far as `isDue` says that a database is changed now. */
export function dangerOf(plans: ClassPlan[], isDue: (database: PlatformDatabase) => boolean): Danger {
  const due = plans.flatMap((plan) => {
    const databases = plan.recordings.length > 0 ? plan.class.members.map(({database}) => database).filter(isDue) : []
    return databases.length > 0 ? [{plan, databases}] : []
  })
  const names = due.flatMap(({databases}) => databases.map(({name}) => name))
  const destructive = new Map<string, Danger['destructive'][number]>()
  for (const {name: migration, destructive: parts} of due.flatMap(({plan}) => plannedMigrations(plan))) {
    for (const {reason} of parts) destructive.set(`${migration} ${reason}`, {migration, reason})
  }
  return {databases: names.length, live: names.filter(isProtected).sort(), destructive: [...destructive.values()]}
}
