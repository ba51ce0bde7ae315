import {setTimeout} from 'node:timers/promises'
import {usingDatabase} from '../database/connect.ts'
import {StratError} from '../errors.ts'
import type {DatabaseConnection} from '../platform/platform.ts'

/** What a database's host makes of a token. `unreachable`: nothing that tells, as while its key changes. */
export type ProbeResult = 'accepted' | 'refused' | 'unreachable'

/** How long is waited, in milliseconds: for another answer than the one wanted, for any answer, and from one question to the next. */
export type ProbeLimits = {settleMs: number; outageMs: number; pollMs: number}

/** One question, one answer: who asks decides whether to ask again. */
const once = {connectMs: 5000, answerMs: 10_000, outageMs: 0}

/** Tells whether a database takes a token, from one statement that reads nothing. */
export async function probeToken(connection: DatabaseConnection): Promise<ProbeResult> {
  try {
    await usingDatabase(connection, (database) => database.read([{sql: 'SELECT 1', args: []}]), {limits: once})
    return 'accepted'
  } catch (error) {
    if (!(error instanceof StratError)) throw error
    // Who is let in may find the reads blocked.
    if (error.code === 'DATABASE_BLOCKED') return 'accepted'
    // Not HTTP 404: so also answers a host that is about to come back.
    return error.code === 'DATABASE_TOKEN_REFUSED' || error.code === 'DATABASE_FORBIDDEN' ? 'refused' : 'unreachable'
  }
}

/** Asks until a database makes the `wanted` of a token, for as long as the limits allow, and returns what it made of it last. */
export async function probeUntil(wanted: ProbeResult, connection: DatabaseConnection, {settleMs, outageMs, pollMs}: ProbeLimits): Promise<ProbeResult> {
  const start = performance.now()
  for (;;) {
    const result = await probeToken(connection)
    if (result === wanted || performance.now() - start > (result === 'unreachable' ? outageMs : settleMs)) return result
    await setTimeout(pollMs)
  }
}
