import {StratError} from '../errors.ts'
import type {Selection} from '../fleet/select.ts'
import {attempt, type ClassPlan, driftFinder, once, type PlanClass, refuseDrift, withRehearsal} from './class-plan.ts'
import type {DatabaseClass} from './database-class.ts'
import {adoptedBy} from './ledger.ts'
import type {MigrateDependencies} from './migrate.ts'
import type {RecordedDown, Recording} from './migration.ts'
import {type Standing, standingOf} from './plan.ts'
import {type PreparedFleet, prepareFleet} from './prepare.ts'
import {type RecordingsOf, recordDowns} from './recordings.ts'
import {rehearse} from './rehearse.ts'
import {describeDifference, diffSchemas} from './schema-diff.ts'
import {schemasAfterEach} from './schemas.ts'

/**
 * Finds out what the run of `dependencies` applied, and where, and rehearses taking it back in memory; `changeFleet` does it then.
 *
 * @throws StratError RUN_UNKNOWN where no selected database knows of the run; REHEARSAL_FAILED
 */
export async function prepareUndo(dependencies: MigrateDependencies, input: Selection & {allowDrift: boolean}): Promise<PreparedFleet> {
  const {run, recordingsOf} = dependencies
  const prepared = await prepareFleet(dependencies, input, planUndo(recordingsOf, input))
  const isFound = prepared.plans.some((plan) => plan.class.byRun.length > 0)
  if (!isFound && !input.shard && prepared.failures.length === 0) throw runUnknown(run.id, prepared.plans)
  return prepared
}

function planUndo(recordingsOf: RecordingsOf, {allowDrift}: {allowDrift: boolean}): PlanClass {
  const driftOf = driftFinder(recordingsOf)
  const downsOf = downFinder()
  return once(async (databases) => {
    const recordings = await recordingsOf(databases.kind)
    const standing = standingOf(recordings, databases.state)
    const drift = await driftOf(databases)
    const undone = recordings.filter(({name}) => databases.byRun.includes(name) && standing.executed.includes(name))
    const downs = await downsOf(undone)
    const planned = attempt(() => {
      if (databases.byRun.length === 0) return []
      refuse(databases, standing)
      if (!allowDrift) refuseDrift(drift)
      return undone.toReversed().map((recording) => downOf(recording, downs.get(recording)))
    })
    const plan = {class: databases, standing, drift, isUndo: true, ...planned}
    return withRehearsal(plan, (rehearsed) => rehearseUndo(rehearsed, recordings))
  })
}

/** A run is undone where nothing came after it, and something was before. */
function refuse({byRun}: DatabaseClass, {executed, edited, missing}: Standing): void {
  const list = (names: string[]) => names.join(', ')
  const lost = byRun.filter((name) => missing.includes(name))
  if (lost.length > 0) throw refused('MIGRATION_MISSING', `Executed, but without a file: ${list(lost)}.`, 'Bring the file back from version control.')
  const changed = byRun.filter((name) => edited.includes(name))
  if (changed.length > 0) throw refused('MIGRATION_EDITED', `Edited after it was executed: ${list(changed)}.`, 'Undo the edit: its down may not fit any more.')
  const first = executed.findIndex((name) => byRun.includes(name))
  const later = executed.slice(first).filter((name) => !byRun.includes(name))
  if (later.length > 0) throw refused('MIGRATION_NOT_LAST', `Executed after it by another run: ${list(later)}.`, 'Undo that run first.')
  if (first <= 0) throw refused('MIGRATION_FIRST', 'It would be left without its tables.', 'strat destroy deletes a strategy.')
}

const refused = (
  code: 'MIGRATION_MISSING' | 'MIGRATION_EDITED' | 'MIGRATION_NOT_LAST' | 'MIGRATION_FIRST' | 'MIGRATION_IRREVERSIBLE',
  message: string,
  wayOut: string,
) => new StratError(code, message, {suggestions: [wayOut]})

/** Records each `down` once, however many classes it is for: each recording waits a while for late statements. */
function downFinder(): (recordings: Recording[]) => Promise<Downs> {
  const downs: Downs = new Map()
  return async (recordings) => {
    const unknown = recordings.filter((recording) => !downs.has(recording))
    const recorded = unknown.length > 0 ? await recordDowns(unknown) : undefined
    for (const recording of unknown) downs.set(recording, recorded?.get(recording.name))
    return downs
  }
}

/** By the migration itself, since both kinds may have one of a name. */
type Downs = Map<Recording, RecordedDown | undefined>

/** The `down` of a migration as what is executed. */
function downOf(recording: Recording, down: RecordedDown | undefined): Recording {
  if (!down) throw refused('MIGRATION_IRREVERSIBLE', `${recording.name} has no down.`, 'Write a down for it, or a new migration that takes it back.')
  const {name, checksum, safeWithOpenPositions} = recording
  const common = {name, checksum, safeWithOpenPositions}
  if (down.mode === 'atomic') return {...common, mode: 'atomic', statements: down.statements}
  return {...common, mode: 'interactive', reason: down.reason, up: down.down}
}

/** Rehearses it, and makes sure that the schema is what it was before the run. */
async function rehearseUndo(plan: Pick<ClassPlan, 'class' | 'recordings' | 'isUndo' | 'standing' | 'drift'>, recordings: Recording[]) {
  const rehearsal = await rehearse(plan)
  const left = plan.standing.executed.length - plan.recordings.length
  const expected = (await schemasAfterEach(recordings.slice(0, left)))[left - 1]
  const actual = rehearsal.schemas.at(-1)
  if (rehearsal.unrehearsed !== null || !expected || !actual || plan.drift.length > 0) return rehearsal
  const differences = diffSchemas(expected, actual)
  if (differences.length === 0) return rehearsal
  throw new StratError(
    'REHEARSAL_FAILED',
    `The down of ${plan.recordings.map(({name}) => name).join(', ')} does not restore what was before: ${differences.map(describeDifference).join('; ')}.`,
    {suggestions: ['Mend the down. No database was changed.']},
  )
}

function runUnknown(id: string, plans: ClassPlan[]): StratError {
  // Neither what made a strategy is undone, nor what adopted it.
  const applied = plans.flatMap(({class: {state}}) => state.applied.filter(({name, runId}) => name !== state.ledger[0] && !runId.startsWith(adoptedBy)))
  // Ids of runs begin with the time.
  const known = [...new Set(applied.map(({runId}) => `--run ${runId}`))].sort().reverse().slice(0, 3)
  return new StratError('RUN_UNKNOWN', `No database has anything that the run ${id} applied; it may be undone already.`, {
    suggestions: known.length > 0 ? known : ['There is nothing to undo: the databases have what they were made with.'],
  })
}
