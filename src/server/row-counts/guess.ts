import type {CountPlan, Sum} from './count-plan.ts'

/** How many guesses are tried, which bounds the time that a count takes. */
const tries = 2000

/** What an unlikely guess of one weighs: as much as so many likely ones. */
const unlikelyWeight = 6

type Known = {known: number; guessed: Float64Array}

/** The lightest guesses with which everything is a whole number that can be; all zero if none is found in time. */
export function guess(plan: CountPlan, observed: Float64Array): number[] {
  const fits = checkOf(plan, observed)
  const likely = plan.most.length - plan.unlikely
  const choices = plan.most.map((most, index) => ({most, weight: index < likely ? 1 : unlikelyWeight}))
  const heaviest = choices.reduce((total, {most, weight}) => total + most * weight, 0)
  let left = tries
  for (let weight = 0; weight <= heaviest; weight++) {
    for (const guessed of ofWeight(choices, weight)) {
      if (fits(guessed)) return guessed
      left -= 1
      if (left === 0) return choices.map(() => 0)
    }
  }
  return choices.map(() => 0)
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
function* ofWeight(choices: {most: number; weight: number}[], left: number, from = 0): Generator<number[]> {
  const choice = choices[from]
  if (!choice) {
    if (left === 0) yield []
    return
  }
  for (let value = Math.min(Math.floor(left / choice.weight), choice.most); value >= 0; value--) {
    for (const rest of ofWeight(choices, left - value * choice.weight, from + 1)) yield [value, ...rest]
  }
}
