import {usingDatabase} from '../database/connect.ts'
import {inspectDatabase, isEmpty, notOurs} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import type {Pace} from '../fleet/pace.ts'
import {type FleetRun, forEachDatabase, type Outcome, passOverUnmarked} from '../fleet/run.ts'
import type {Selection} from '../fleet/select.ts'
import {whileItExists} from '../fleet/while-it-exists.ts'
import type {DatabaseConnection, Platform, PlatformDatabase} from '../platform/platform.ts'
import type {OnProgress} from '../progress.ts'
import {DatabaseClasses} from './database-class.ts'

export type SurveyDependencies = {
  platform: Pick<Platform, 'connect' | 'getDatabase'>
  /** The run whose work is looked for in the databases. */
  run: {id: string}
  fleet: Pick<FleetRun<unknown>, 'pace' | 'signal'>
  onProgress: OnProgress
}

/** How the databases of a fleet stand. */
export type Survey = {
  classes: DatabaseClasses
  /** Those that could not be read, or were named and are not ours, each with its error. */
  failures: (Outcome<never> & {status: 'failed'})[]
  /** Databases that a selection without names passed over because they are not ours. */
  unmarked: string[]
}

/** Reads each database in one request, and sorts them into classes. Writes nothing. */
export async function surveyFleet(
  {platform, run, fleet, onProgress}: SurveyDependencies,
  databases: PlatformDatabase[],
  selection: Selection,
): Promise<Survey> {
  const classes = new DatabaseClasses(run)
  let done = 0
  let failed = 0
  const outcomes = await forEachDatabase(
    databases,
    async (database) => {
      const {state, requests} = await whileItExists(platform, database, async () => readState(await platform.connect(database), fleet.pace))
      // One that is being created just now, for instance.
      if (selection.names.length === 0 && isEmpty(state)) throw notOurs(database.name, state)
      const found = classes.of(database.name, state)
      const {latestTimestamp, marker} = state
      // What is asked for decides, not what the name says.
      if (selection.kind === undefined || found.kind === selection.kind) found.members.push({database, requests, latestTimestamp, marker})
    },
    {
      ...fleet,
      onOutcome(outcome) {
        done += 1
        if (outcome.status === 'failed' && outcome.error.code !== 'STRATEGY_NOT_OURS') failed += 1
        onProgress({message: 'Reading', done, total: databases.length, failed})
      },
    },
  )
  const {outcomes: ours, unmarked} = passOverUnmarked(outcomes, selection)
  const failures = ours.flatMap((outcome) => (outcome.status === 'failed' ? [outcome] : []))
  const found = classes.all()
  if (selection.kind && !selection.shard && failures.length === 0 && found.length === 0) throw noneOfKind(selection.kind)
  // They were read side by side.
  for (const {members} of found) members.sort((a, b) => (a.database.name < b.database.name ? -1 : 1))
  return {classes, failures, unmarked}
}

const readState = (connection: DatabaseConnection, pace: Pace) =>
  usingDatabase(connection, async (opened) => ({state: await inspectDatabase(opened), requests: opened.requests}), {
    onRateLimit: (ms) => pace.refused(ms),
  })

const noneOfKind = (kind: string) =>
  new StratError('SELECTION_EMPTY', `--kind ${kind} leaves no database.`, {suggestions: ['strat list shows the kind of each.']})
