import {StratError} from '../errors.ts'

/** How many databases may fail before a run over a fleet stops: a number, or a part of those that had their turn. */
export type FailureBudget = {failures: number} | {percent: number}

/**
 * A budget as `--max-failures` takes it: `5`, `10%`.
 *
 * @throws StratError USAGE
 */
export function parseFailureBudget(text: string): FailureBudget {
  const [, digits, percent] = /^(\d{1,6})(%)?$/.exec(text) ?? []
  const amount = Number(digits)
  if (digits !== undefined && !percent) return {failures: amount}
  if (digits !== undefined && amount <= 100) return {percent: amount}
  throw new StratError('USAGE', `--max-failures takes a whole number of databases, or a percentage from 0% to 100%, not "${text}".`, {
    suggestions: ['--max-failures 5', '--max-failures 10%'],
  })
}

/** Whether more of `total` databases have failed than the budget allows. */
export const isExceeded = (budget: FailureBudget, {failed, total}: {failed: number; total: number}): boolean =>
  'percent' in budget ? failed * 100 > budget.percent * total : failed > budget.failures

/** The budget as a part of a sentence: `at most 5 may fail`. */
export function describeFailureBudget(budget: FailureBudget): string {
  if ('percent' in budget) return budget.percent === 0 ? 'none may fail' : `at most ${budget.percent}% may fail`
  return budget.failures === 0 ? 'none may fail' : `at most ${budget.failures} may fail`
}
