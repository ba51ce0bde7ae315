import {StratError} from '../errors.ts'

/** What happened to one database of a fleet operation. */
export type Outcome<T> = {database: string; status: 'done'; result: T} | {database: string; status: 'failed'; error: StratError}

/** Does the same to each database, one after the other. Nothing throws: every database gets an outcome. */
export async function forEachDatabase<D extends {name: string}, T>(databases: D[], work: (database: D) => Promise<T>): Promise<Outcome<T>[]> {
  const outcomes: Outcome<T>[] = []
  for (const database of databases) outcomes.push(await outcomeOf(database, work))
  return outcomes
}

async function outcomeOf<D extends {name: string}, T>(database: D, work: (database: D) => Promise<T>): Promise<Outcome<T>> {
  try {
    return {database: database.name, status: 'done', result: await work(database)}
  } catch (error) {
    return {database: database.name, status: 'failed', error: error instanceof StratError ? error : unexpected(error)}
  }
}

/** Sets aside the databases that are not ours: a run over all passes them over, and names them; one that was named fails. */
export function passOverUnmarked<T>(outcomes: Outcome<T>[], {all}: {all: boolean}): {outcomes: Outcome<T>[]; unmarked: string[]} {
  const isUnmarked = (outcome: Outcome<T>) => all && outcome.status === 'failed' && outcome.error.code === 'STRATEGY_NOT_OURS'
  return {outcomes: outcomes.filter((outcome) => !isUnmarked(outcome)), unmarked: outcomes.filter(isUnmarked).map(({database}) => database)}
}

const unexpected = (cause: unknown) => new StratError('UNEXPECTED', cause instanceof Error ? cause.message : String(cause), {cause})
