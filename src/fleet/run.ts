import {StratError} from '../errors.ts'
import type {Pace} from './pace.ts'

/** What happened to one database of a fleet operation. */
export type Outcome<T> = {database: string; status: 'done'; result: T} | {database: string; status: 'failed'; error: StratError}

export type FleetRun<T> = {
  pace: Pace
  /** Aborted: what runs is finished, what waits is cancelled. */
  signal?: AbortSignal | undefined
  /** Hears of each outcome as it comes, in any order. */
  onOutcome?: (outcome: Outcome<T>) => void
}

/** More than these are worth the time that it takes to keep memory flat. */
const manyDatabases = 1000

/**
 * Does the same to each database, as many at once as the pace allows, and returns the outcomes in the order of the databases.
 * Nothing throws: every database gets an outcome, that of a cancelled one is INTERRUPTED.
 */
export async function forEachDatabase<D extends {name: string}, T>(databases: D[], work: (database: D) => Promise<T>, run: FleetRun<T>): Promise<Outcome<T>[]> {
  const {pace, signal, onOutcome} = run
  if (databases.length > manyDatabases) (await import('./flat-heap.ts')).keepHeapFlat()
  const outcomes: Outcome<T>[] = new Array(databases.length)
  let underWay = 0
  let change = Promise.withResolvers<void>()
  const begin = async (index: number, database: D) => {
    underWay += 1
    const outcome = await outcomeOf(database, signal?.aborted ? cancelled : work)
    if (outcome.status === 'done') pace.succeeded()
    outcomes[index] = outcome
    underWay -= 1
    onOutcome?.(outcome)
    change.resolve()
    change = Promise.withResolvers()
  }
  // One after the other out of a queue, so that a database that waits or is done holds no client, socket or promise.
  for (const [index, database] of databases.entries()) {
    while (underWay >= pace.width) await change.promise
    if (pace.pauseMs > 0 && !signal?.aborted) await pause(pace.pauseMs, signal)
    void begin(index, database)
  }
  while (underWay > 0) await change.promise
  return outcomes
}

/** Few runs need it, and the module takes its time to load. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const {setTimeout} = await import('node:timers/promises')
  await setTimeout(ms, undefined, {signal}).catch(() => undefined)
}

/** What becomes of a database whose turn does not come any more. */
export async function cancelled(): Promise<never> {
  throw new StratError('INTERRUPTED', 'Interrupted before its turn came; nothing was changed.')
}

async function outcomeOf<D extends {name: string}, T>(database: D, work: (database: D) => Promise<T>): Promise<Outcome<T>> {
  try {
    return {database: database.name, status: 'done', result: await work(database)}
  } catch (error) {
    return {database: database.name, status: 'failed', error: error instanceof StratError ? error : unexpected(error)}
  }
}

/** Sets aside the databases that are not ours: a run over all passes them over, and names them; one that was named fails. */
export function passOverUnmarked<T>(outcomes: Outcome<T>[], {names}: {names: string[]}): {outcomes: Outcome<T>[]; unmarked: string[]} {
  const isUnmarked = (outcome: Outcome<T>) => names.length === 0 && outcome.status === 'failed' && outcome.error.code === 'STRATEGY_NOT_OURS'
  return {outcomes: outcomes.filter((outcome) => !isUnmarked(outcome)), unmarked: outcomes.filter(isUnmarked).map(({database}) => database)}
}

const unexpected = (cause: unknown) => new StratError('UNEXPECTED', cause instanceof Error ? cause.message : String(cause), {cause})
