import {setTimeout} from 'node:timers/promises'
import {type Trial, tryStatements} from '../database/try-statements.ts'
import {StratError} from '../errors.ts'

/** What a database's host makes of a token. `unreachable`: nothing that tells, as while its key changes. */
export type ProbeResult = 'accepted' | 'refused' | 'unreachable'

/** How long is waited, in milliseconds: for another answer than the one wanted, for any answer, and from one question to the next. */
export type ProbeLimits = {settleMs: number; outageMs: number; pollMs: number}

/** One question, one answer: who asks decides whether to ask again. */
const once = {connectMs: 5000, answerMs: 10_000, outageMs: 0, readyMs: 0}

/** Tells whether a database lets a token in, whatever it may do there. */
export async function probeToken(trial: Trial): Promise<ProbeResult> {
  try {
    const answer = await tryStatements(trial, ['SELECT 1'], once)
    if (!('refusal' in answer)) return 'accepted'
    // A host that is about to come back says 404, too.
    return answer.refusal.status === 404 ? 'unreachable' : 'refused'
  } catch (error) {
    if (error instanceof StratError) return 'unreachable'
    throw error
  }
}

/** Asks until a database makes the `wanted` of a token, for as long as the limits allow, and returns what it made of it last. */
export async function probeUntil(wanted: ProbeResult, trial: Trial, {settleMs, outageMs, pollMs}: ProbeLimits): Promise<ProbeResult> {
  const start = performance.now()
  for (;;) {
    const result = await probeToken(trial)
    if (result === wanted || performance.now() - start > (result === 'unreachable' ? outageMs : settleMs)) return result
    await setTimeout(pollMs)
  }
}
