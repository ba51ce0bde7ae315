import {refusalOf} from '../database/http-errors.ts'
import {type Trial, tryStatements} from '../database/try-statements.ts'
import {StratError} from '../errors.ts'
import type {Permission} from '../platform/platform.ts'
import {serverWords} from '../secret.ts'
import type {BotSecrets} from '../secrets/secret-store.ts'
import {forbiddenStatement, permittedWrite} from './trial-statements.ts'

/** The trial of what a bot gets. */
export const trialOf = (name: string, {TURSO_DB_URL: url, TURSO_AUTH_TOKEN: authToken}: BotSecrets): Trial => ({name, url, authToken})

/** What a trial showed: whether the server keeps to what a token allows; `untried` where the token allows everything. */
export type Enforcement = 'enforced' | 'unenforced' | 'untried'

/**
 * Tries a bot's token where the bot will use it: a read, a write that changes no row, and a statement that it must not allow and that
 * would change nothing either. One request, and a second one where the server answers the whole of it with a refusal.
 *
 * @throws StratError DATABASE_TOKEN_REFUSED, DATABASE_FORBIDDEN, DATABASE_NOT_FOUND, DATABASE_BLOCKED, TOKEN_TOO_WEAK; those of `tryStatements`
 */
export async function tryToken(trial: Trial, permissions: Permission[]): Promise<Enforcement> {
  const write = permittedWrite(permissions)
  const allowed = ['SELECT 1', ...(write ? [write] : [])]
  const forbidden = forbiddenStatement(permissions)
  const answer = await tryStatements(trial, [...allowed, ...(forbidden ? [forbidden] : [])], limits)
  if ('refusal' in answer) {
    // Servers refuse a request as a whole for one statement that its token does not allow.
    if (answer.refusal.status !== 403 || !forbidden) throw refusalOf(trial.name, answer.refusal.status, answer.refusal.text)
    await tryAllowed(trial, allowed)
    return 'enforced'
  }
  requireNone(trial.name, answer.errors.slice(0, allowed.length))
  if (!forbidden) return 'untried'
  const error = answer.errors[allowed.length]
  return error && isDenial(error) ? 'enforced' : 'unenforced'
}

/**
 * Whether a database still lets a token in.
 *
 * @throws StratError those of `tryStatements`
 */
export async function isAccepted(trial: Trial): Promise<boolean> {
  return !('refusal' in (await tryStatements(trial, ['SELECT 1'], limits)))
}

/** The database is known to exist: a 404 is another database's token, or one that is gone. */
const limits = {readyMs: 0}

async function tryAllowed(trial: Trial, statements: string[]): Promise<void> {
  const answer = await tryStatements(trial, statements, limits)
  if ('refusal' in answer) throw refusalOf(trial.name, answer.refusal.status, answer.refusal.text)
  requireNone(trial.name, answer.errors)
}

const isDenial = ({code, message}: {code: string; message: string}) => /^(SQLITE_AUTH|BLOCKED)$/.test(code) || /not authorized|read.?only/i.test(message)

function requireNone(name: string, errors: ({code: string; message: string} | null)[]): void {
  const error = errors.find((each) => each !== null)
  if (!error) return
  const said = serverWords(error.message) || error.code
  if (error.code === 'BLOCKED') {
    throw new StratError('DATABASE_BLOCKED', `${name} takes no writes now, so its new token cannot be tried: ${said}.`, {
      suggestions: ['strat usage shows whether the quota of the month is spent.', 'Somebody may be revoking tokens: run it again when that has ended.'],
    })
  }
  throw new StratError('TOKEN_TOO_WEAK', `The new token of ${name} does not allow what its bot does: ${said}.`, {
    suggestions: ["Look whether the tables that the strategy's template names are in the database: strat migrate status."],
  })
}
