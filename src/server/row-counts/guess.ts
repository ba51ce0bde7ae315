import type {CountPlan, Sum} from './count-plan.ts'

/** How many guesses are tried, which bounds the time that a count takes. */
const tries = 2000

/** What an unlikely guess of one weighs: as much as so many likely ones. */
const unlikelyWeight = 6

type Known = {known: number; guessed: Float64Array}

/** A guess that may grow by so much at a time, so often at the most. */
type Choice = {index: number; step: number; most: number; weight: number}

/**
 * The lightest guesses with which everything is a whole number that can be; all zero if none is found in time. Where no few things fit, there was
 * a loop whose rounds were all alike: then guesses may also be as many as there were rows or changes, and of those as light the one that read least is taken.
 */
export function guess(plan: CountPlan, observed: Float64Array): number[] {
  const likely = plan.most.length - plan.unlikely
  const few: Choice[] = plan.most.map((most, index) => ({index, step: 1, most, weight: index < likely ? 1 : unlikelyWeight}))
  const rounds = Math.max(...plan.observes.map((what, index) => (what === 'rows' || what === 'totalChanges' ? (observed[index] ?? 0) : 0)))
  const loops: Choice[] = few.filter(({most}) => most > 1).map(({index}) => ({index, step: rounds, most: 1, weight: 1}))
  const [first] = lightest(plan, observed, few).take(1)
  if (first || rounds < 2) return first ?? plan.most.map(() => 0)
  const read = (guessed: number[]) => sumOf(0, plan.read.guessed, guessed)
  const [least] = [...lightest(plan, observed, [...loops, ...few])].sort((a, b) => read(a) - read(b))
  return least ?? plan.most.map(() => 0)
}

/** Yields those that fit and weigh the least; none if none is found in time. */
function* lightest(plan: CountPlan, observed: Float64Array, choices: Choice[]): Generator<number[], void> {
  const fits = checkOf(plan, observed)
  const heaviest = choices.reduce((total, {most, weight}) => total + most * weight, 0)
  let isFound = false
  let left = tries
  for (let weight = 0; weight <= heaviest && !isFound; weight++) {
    for (const times of ofWeight(choices, weight)) {
      const guessed = plan.most.map(() => 0)
      for (const [at, {index, step}] of choices.entries()) guessed[index] = (guessed[index] ?? 0) + step * (times[at] ?? 0)
      if (fits(guessed)) {
        isFound = true
        yield guessed
      }
      left -= 1
      if (left === 0) return
    }
  }
}

/** The value of a sum. */
export function sumOf(start: number, factors: Float64Array, values: ArrayLike<number>): number {
  let total = start
  for (let index = 0; index < factors.length; index++) total += (factors[index] ?? 0) * (values[index] ?? 0)
  return total
}

function checkOf(plan: CountPlan, observed: Float64Array): (guessed: number[]) => boolean {
  const knownOf = (sum: Sum): Known => ({known: sumOf(0, sum.observed, observed), guessed: sum.guessed})
  const limits = plan.limits.map((limit) => ({...knownOf(limit), most: limit.once ? 1 : Number.POSITIVE_INFINITY}))
  const implied = plan.implied.map(({effect, cause}) => ({effect: knownOf(effect), cause: knownOf(cause)}))
  const at = ({known, guessed}: Known, values: number[]) => sumOf(known, guessed, values)
  return (values) =>
    limits.every((limit) => {
      const value = at(limit, values)
      // Fractions leave a rounding error.
      return value > -0.001 && value < limit.most + 0.001 && Math.abs(value - Math.round(value)) < 0.001
    }) && implied.every((each) => at(each.cause, values) > 0.5 || at(each.effect, values) < 0.5)
}

/** All guesses that weigh so much together, each at most what it can be; those that stand first grow first. */
function* ofWeight(choices: Choice[], left: number, from = 0): Generator<number[]> {
  const choice = choices[from]
  if (!choice) {
    if (left === 0) yield []
    return
  }
  for (let value = Math.min(Math.floor(left / choice.weight), choice.most); value >= 0; value--) {
    for (const rest of ofWeight(choices, left - value * choice.weight, from + 1)) yield [value, ...rest]
  }
}
