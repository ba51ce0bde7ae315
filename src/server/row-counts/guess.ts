import type {CountPlan, Sum} from './count-plan.ts'
import {guessRounds} from './guess-rounds.ts'

/** How many guesses are tried, which bounds the time that a count takes. */
const tries = 2000

/** What an unlikely guess of one weighs: as much as so many likely ones. */
const unlikelyWeight = 6

type Known = {known: number; guessed: Float64Array}
/** A sum that is zero or more, and `most` at most. */
export type Limit = Known & {most: number}

/** The lightest guesses with which everything is a whole number that can be; else those of rounds that go alike; all zero if none is found in time. */
export function guess(plan: CountPlan, observed: Float64Array): number[] {
  const limits = limitsOf(plan, observed)
  const fits = checkOf(plan, observed, limits)
  const likely = plan.most.length - plan.unlikely
  const choices = plan.most.map((most, index) => ({most, weight: index < likely ? 1 : unlikelyWeight}))
  const heaviest = choices.reduce((total, {most, weight}) => total + most * weight, 0)
  const none = choices.map(() => 0)
  let left = tries
  for (let weight = 0; weight <= heaviest; weight++) {
    for (const guessed of ofWeight(choices, weight)) {
      if (fits(guessed)) return guessed
      left -= 1
      if (left === 0) return guessRounds(choices, limits, fits) ?? none
    }
  }
  return none
}

/** The value of a sum. */
export function sumOf(start: number, factors: Float64Array, values: ArrayLike<number>): number {
  let total = start
  for (let index = 0; index < factors.length; index++) total += (factors[index] ?? 0) * (values[index] ?? 0)
  return total
}

const knownOf = (sum: Sum, observed: Float64Array): Known => ({known: sumOf(0, sum.observed, observed), guessed: sum.guessed})

const limitsOf = ({limits}: CountPlan, observed: Float64Array): Limit[] =>
  limits.map((limit) => ({...knownOf(limit, observed), most: limit.once ? 1 : Number.POSITIVE_INFINITY}))

function checkOf(plan: CountPlan, observed: Float64Array, limits: Limit[]): (guessed: number[]) => boolean {
  const implied = plan.implied.map(({effect, cause}) => ({effect: knownOf(effect, observed), cause: knownOf(cause, observed)}))
  const at = ({known, guessed}: Known, values: number[]) => sumOf(known, guessed, values)
  return (values) =>
    limits.every((limit) => {
      const value = at(limit, values)
      // Fractions leave a rounding error.
      return value > -0.001 && value < limit.most + 0.001 && Math.abs(value - Math.round(value)) < 0.001
    }) && implied.every((each) => at(each.cause, values) > 0.5 || at(each.effect, values) < 0.5)
}

/** What a guess can be at most, and what it weighs for each one. */
export type Choice = {most: number; weight: number}

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
