import type {Choice, Limit} from './guess.ts'

/** How many terms of sums are looked at, and how many numbers of rounds with each way, which bounds the time that a count takes. */
const mostTerms = 600_000
const roundsTried = 2

/** A guess as so many at first, and so many each round. */
type Way = {once: number; each: number}

const slack = 0.001

/** The lightest guesses of a loop whose rounds all go the same way: what is guessed happens in each, or only once, or never. */
export function guessRounds(choices: Choice[], limits: Limit[], fits: (guessed: number[]) => boolean): number[] | undefined {
  const heaviest = choices.reduce((total, choice) => total + choice.weight, 0)
  let left = Math.floor(mostTerms / (choices.length * limits.length))
  for (let weight = 1; weight <= heaviest; weight++) {
    for (const ways of ofWeight(choices, weight)) {
      const [least, most] = roundsWithin(limits, ways)
      for (let rounds = least; rounds <= Math.min(most, least + roundsTried - 1); rounds++) {
        const guessed = ways.map(({once, each}) => once + each * rounds)
        if (fits(guessed)) return guessed
      }
      left -= 1
      if (left <= 0) return undefined
    }
  }
  return undefined
}

/** The least and the most rounds with which every limit is kept: none where the least is more than the most. */
function roundsWithin(limits: Limit[], ways: Way[]): [least: number, most: number] {
  let [least, most] = [2, Number.POSITIVE_INFINITY]
  for (const limit of limits) {
    let [start, factor] = [limit.known, 0]
    for (const [index, {once, each}] of ways.entries()) {
      const times = limit.guessed[index] ?? 0
      start += times * once
      factor += times * each
    }
    const ends = [(-slack - start) / factor, (limit.most + slack - start) / factor]
    if (Math.abs(factor) > 1e-9) {
      least = Math.max(least, Math.ceil(Math.min(...ends)))
      most = Math.min(most, Math.floor(Math.max(...ends)))
    } else if (start < -slack || start > limit.most + slack) return [1, 0]
    if (least > most) return [1, 0]
  }
  return [least, most]
}

/** All ways that weigh so much together; those in which something happens each round come first. */
function* ofWeight(choices: Choice[], left: number, from = 0): Generator<Way[]> {
  const choice = choices[from]
  if (!choice) {
    if (left === 0) yield []
    return
  }
  if (left >= choice.weight) {
    const ways =
      choice.most > 1
        ? [
            {once: 0, each: 1},
            {once: 1, each: 0},
          ]
        : [{once: 1, each: 0}]
    for (const way of ways) for (const rest of ofWeight(choices, left - choice.weight, from + 1)) yield [way, ...rest]
  }
  for (const rest of ofWeight(choices, left, from + 1)) yield [{once: 0, each: 0}, ...rest]
}
