import type {ErrorCode, StratError} from '../errors.ts'
import {type Cause, causesOf} from '../fleet/causes.ts'
import type {WorkflowRun} from '../secrets/workflow-runs.ts'

/** What became of one strategy's token. `expiresAt` is that of the token that its bot has now, where it is known. */
export type RotatedStrategy =
  /** `place`: where the new one is; `replaced`: until when the one before goes on working, where that is known. */
  | {name: string; status: 'rotated'; expiresAt: string; reason: string; place: string; replaced: string | null}
  | {name: string; status: 'fresh'; expiresAt: string}
  | {name: string; status: 'skipped'; expiresAt: string | null; reason: string; code: ErrorCode}
  | {name: string; status: 'failed'; expiresAt: string | null; reason: string; code: ErrorCode; suggestions: string[]}
  /** Only where nothing was to be changed (`--dry-run`): a new token would be made. */
  | {name: string; status: 'due'; expiresAt: string | null; reason: string}
  /** Only where it was asked for (`--check`): its bot has no token, or soon none that is accepted. */
  | {name: string; status: 'expiring'; expiresAt: string | null; reason: string}

export type RotationStatus = RotatedStrategy['status']

export type RotationSummary = Record<RotationStatus, number> & {causes: Cause[]}

/** The result of a rotation over a fleet: every strategy of it has an outcome. */
export type RotateResult = {
  run: string
  strategies: RotatedStrategy[]
  /** Databases that a selection without names passed over because they are not ours. */
  unmarked: string[]
  /** Jobs that began before the new tokens were there, and go on with the old ones; empty where nobody can tell. */
  unfinishedRuns: WorkflowRun[]
  warnings: string[]
  interrupted: boolean
  summary: RotationSummary
}

/** How many had which outcome, and why those failed that did. */
export function summarizeRotation(strategies: RotatedStrategy[]): RotationSummary {
  const summary: RotationSummary = {rotated: 0, fresh: 0, due: 0, expiring: 0, skipped: 0, failed: 0, causes: []}
  for (const {status} of strategies) summary[status] += 1
  return {...summary, causes: causesOf(strategies.filter((strategy) => strategy.status === 'failed'))}
}

/** What became of a strategy that could not be worked on. */
export function toFailed(name: string, {code, message: reason, suggestions}: StratError, expiresAt: string | null): RotatedStrategy {
  if (code === 'INTERRUPTED' || code === 'DATABASE_GONE') return {name, status: 'skipped', expiresAt, reason, code}
  return {name, status: 'failed', expiresAt, reason, code, suggestions}
}

export const byName = (a: {name: string}, b: {name: string}) => (a.name < b.name ? -1 : 1)
