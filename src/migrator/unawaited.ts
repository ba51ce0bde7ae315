import {StratError} from '../errors.ts'

/** Lets go on what was begun and not waited for. */
export async function afterOthers(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** The error for a migration that goes on after it has said that it is done. */
export const unawaited = (migration: string) =>
  new StratError('MIGRATION_INVALID', `The migration ${migration} returns before all of its statements are sent.`, {
    suggestions: ['Put an await before each execute(); forEach does not wait, a for loop does.'],
  })
