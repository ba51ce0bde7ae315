import {StratError} from '../errors.ts'
import {serverWords} from '../secret.ts'
import {type SqlError, toSqlError} from './sql-error.ts'

/** What a database's host says when it does not let a request in. */
export function refusalOf(name: string, status: number, text: string): StratError | SqlError {
  const body = parse(text)
  // A stream that has ended, for instance.
  if (status === 400 && typeof body?.['message'] === 'string') return toSqlError(body)
  const said = wordsOf(body?.['error'] ?? text, `HTTP ${status}`)
  if (status === 401 || (status === 400 && /\bjwt\b|auth/i.test(said))) {
    return new StratError('DATABASE_TOKEN_REFUSED', `${name} does not accept the token that was minted for it${said}.`, {
      suggestions: ['Run the same command again; if that does not help, somebody may be invalidating tokens.'],
    })
  }
  if (status === 403) return forbidden(name, said)
  if (status === 404) {
    return new StratError('DATABASE_NOT_FOUND', `The host of ${name} does not know it${said}.`, {
      suggestions: ['strat list --all-databases shows what is there.'],
    })
  }
  return new StratError('DATABASE_REFUSED', `The host of ${name} did not take the request${said}.`)
}

/** What a database says when it lets a request in, but allows none of its statements; undefined where it says something else. */
export function blockageIn(name: string, text: string): StratError | undefined {
  // As a key it can be in no value: there its quotes are escaped.
  const [, code] = /"code"\s*:\s*"(BLOCKED|SQLITE_AUTH)"/.exec(text) ?? []
  if (code === undefined) return undefined
  const said = wordsOf(messageWith(code, parse(text)) ?? '', code)
  if (code === 'SQLITE_AUTH') return forbidden(name, said)
  return new StratError('DATABASE_BLOCKED', `Turso blocks ${name}${said}.`, {
    suggestions: ['strat usage shows whether the quota of the month is spent.', 'Look whether its reads or writes are blocked: turso db show.'],
  })
}

/** The transaction took so long that the lock went to somebody else. */
export const lockLost = (name: string, cause: unknown) =>
  new StratError('DATABASE_BUSY', `${name} gave the lock to somebody else who waited for it; nothing was changed.`, {
    suggestions: ['Run the command again.'],
    cause,
  })

/** The host cannot be asked. */
export const unreachable = (name: string, reason: string, cause?: unknown) =>
  new StratError('DATABASE_UNREACHABLE', `The host of ${name} cannot be used: ${reason}.`, {
    suggestions: ['Check the network, then run the same command again: nothing is done twice.'],
    cause,
  })

/** The platform made the database, but its host does not know it yet. */
export const notReady = (name: string) =>
  new StratError('DATABASE_NOT_READY', `${name} was made, but its host does not answer yet.`, {
    suggestions: ['Run the same command again in a minute: it goes on where this one stopped.'],
  })

/** Too many requests, for longer than it makes sense to wait. */
export const rateLimited = (name: string) =>
  new StratError('TURSO_RATE_LIMITED', `The host of ${name} takes no more requests for now.`, {suggestions: ['Run the same command again later.']})

const forbidden = (name: string, said: string) =>
  new StratError('DATABASE_FORBIDDEN', `${name} does not allow this with the token that opened it${said}.`, {
    suggestions: ['Look whether the platform token may mint tokens with full access, and whether the database allows this address.'],
  })

/** The message of the first error with a code, however deep in an answer. */
function messageWith(code: string, answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  if ('code' in answer && answer.code === code && 'message' in answer) return String(answer.message)
  for (const inner of Object.values(answer)) {
    const message = messageWith(code, inner)
    if (message !== undefined) return message
  }
  return undefined
}

function wordsOf(text: unknown, otherwise: string): string {
  const words = serverWords(String(text))
  return words ? `: ${words}` : ` (${otherwise})`
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
