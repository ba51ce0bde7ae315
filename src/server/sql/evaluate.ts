import type {CountPlan} from './count-plan.ts'

export type RowCounts = {rowsRead: number; rowsWritten: number}

/** How many guesses are tried before the first one is taken all the same. */
const tries = 2000

/** The counts of a run, from what was observed of it: with the smallest guesses that make everything a whole number that can be. */
export function evaluate(plan: CountPlan, observed: number[]): RowCounts {
  const known = (factors: Float64Array) => factors.reduce((total, factor, index) => total + factor * (observed[index] ?? 0), 0)
  const guess = plan.most.length === 0 ? [] : search(plan, observed)
  const count = (factors: Float64Array, guessed: Float64Array) => Math.max(0, Math.round(plus(known(factors), guessed, guess)))
  return {rowsRead: count(plan.read.observed, plan.read.guessed), rowsWritten: count(plan.written.observed, plan.written.guessed)}
}

const plus = (start: number, factors: Float64Array, guess: number[]) => factors.reduce((total, factor, index) => total + factor * (guess[index] ?? 0), start)

function search(plan: CountPlan, observed: number[]): number[] {
  const knownOf = ({observed: factors}: {observed: Float64Array}) => factors.reduce((total, factor, index) => total + factor * (observed[index] ?? 0), 0)
  const limits = plan.limits.map((limit) => ({...limit, known: knownOf(limit)}))
  const loops = plan.loops.map(({entered, went}) => ({entered: {...entered, known: knownOf(entered)}, went: {...went, known: knownOf(went)}}))
  const valueOf = ({known, guessed}: {known: number; guessed: Float64Array}, guess: number[]) => plus(known, guessed, guess)
  const fits = (guess: number[]) =>
    limits.every((limit) => {
      const value = valueOf(limit, guess)
      return value > -0.001 && Math.abs(value - Math.round(value)) < 0.001 && !(limit.once && value > 1.001)
    }) && loops.every(({entered, went}) => valueOf(entered, guess) > 0.5 || valueOf(went, guess) < 0.5)
  const likely = plan.most.slice(0, plan.most.length - plan.rare)
  const rare = plan.most.slice(likely.length)
  for (let unlikely = 0; unlikely <= (rare.length ? 3 : 0); unlikely++) {
    for (const last of guesses(rare, unlikely)) {
      let left = tries
      for (let total = 0; left > 0; total++) {
        let any = false
        for (const first of guesses(likely, total)) {
          any = true
          if (fits([...first, ...last])) return [...first, ...last]
          if (--left <= 0) break
        }
        if (!any) break
      }
    }
  }
  if (process.env.DBG) console.log('no fit')
  return plan.most.map(() => 0)
}

/** All guesses with a total, each at most what it can be; what stands last grows last. */
function* guesses(most: number[], total: number, from = 0): Generator<number[]> {
  if (from === most.length) {
    if (total === 0) yield []
    return
  }
  for (let value = Math.min(total, most[from] ?? 0); value >= 0; value--) {
    for (const rest of guesses(most, total - value, from + 1)) yield [value, ...rest]
  }
}
