import {type Access, checkReadOnly} from './access.ts'
import type {AnswerBudget, StatementResult} from './execute.ts'
import type {BatchStep, Condition, Version} from './protocol.ts'
import {ProtocolError, StatementError} from './statement-error.ts'
import type {SqlStream} from './stream.ts'

export type WireError = {message: string; code: string}
export type BatchResult = {step_results: (StatementResult | null)[]; step_errors: (WireError | null)[]; replication_index: null}

/**
 * Runs the steps of a batch in order, each if its condition holds. All of them are parsed before the first one runs.
 *
 * @throws ProtocolError, StatementError where the batch as a whole is wrong
 */
export async function runBatch(stream: SqlStream, steps: BatchStep[], version: Version, access: Access, budget: AnswerBudget): Promise<BatchResult> {
  const ready = steps.map(({statement, condition}, index) => {
    if (condition) checkCondition(condition, version, index)
    return stream.parseOne(statement)
  })
  if (!access.isCloud) for (const {statement} of ready) checkReadOnly(statement, access)
  const hasTimedOut = stream.takeTimeOut()
  const result: BatchResult = {step_results: [], step_errors: [], replication_index: null}
  for (const [index, statement] of ready.entries()) {
    const condition = steps[index]?.condition
    try {
      if (hasTimedOut) throw timedOut()
      const isDue = condition === undefined || holds(condition, result, stream)
      result.step_results.push(isDue ? await stream.execute(statement, access, budget) : null)
      result.step_errors.push(null)
    } catch (error) {
      if (!(error instanceof StatementError) || error.code === 'RESPONSE_TOO_LARGE') throw error
      result.step_results.push(null)
      result.step_errors.push(toWireError(error))
    }
  }
  return result
}

export const toWireError = ({message, code}: StatementError): WireError => ({message, code})

export const timedOut = () => new StatementError('TRANSACTION_TIMEOUT', 'Transaction timed out')

function checkCondition(condition: Condition, version: Version, index: number): void {
  switch (condition.type) {
    case 'ok':
    case 'error':
      if (condition.step >= index) throw new ProtocolError('Invalid reference to step in a batch condition')
      return
    case 'not':
      checkCondition(condition.condition, version, index)
      return
    case 'and':
    case 'or':
      for (const inner of condition.conditions) checkCondition(inner, version, index)
      return
    case 'is_autocommit':
      if (version < 3) throw new ProtocolError('BatchCond of type `is_autocommit` is only supported in protocol version hrana3 and higher')
  }
}

/** As sqld has it, a step that was skipped counts as one that failed. */
function holds(condition: Condition, result: BatchResult, stream: SqlStream): boolean {
  switch (condition.type) {
    case 'ok':
      return result.step_results[condition.step] !== null
    case 'error':
      return result.step_results[condition.step] === null
    case 'not':
      return !holds(condition.condition, result, stream)
    case 'and':
      return condition.conditions.every((inner) => holds(inner, result, stream))
    case 'or':
      return condition.conditions.some((inner) => holds(inner, result, stream))
    case 'is_autocommit':
      return !stream.inTransaction
  }
}
