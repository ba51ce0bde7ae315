import {ranks} from './edges.ts'
import type {Flow, Observed} from './flow.ts'
import type {Form} from './linear-form.ts'
import {eliminate, substitute} from './linear-system.ts'

/** A whole number as a sum: factors of what is observed, and of what must be guessed. */
type Sum = {observed: Float64Array; guessed: Float64Array}

/** How to work out a statement's counts from what is observed of a run of it. */
export type CountPlan = {
  observes: Observed[]
  read: Sum
  written: Sum
  /** The most that each guess can be. */
  most: number[]
  /** Unknowns and ways that depend on the guesses: `whole` ones are whole numbers, all are zero or more, and `once` ones are one at most. */
  limits: (Sum & {once: boolean})[]
  /** Loops that cannot go on where they were not entered. */
  loops: {entered: Sum; went: Sum}[]
  /** How many of the guesses, the last ones, are unlikely to be more than zero. */
  rare: number
  /** Whether nothing has to be guessed but whether loops were entered at all. */
  certain: boolean
}

/** Solves a flow for what is observed; unknowns that remain are guessed, the least likely ones first. */
export function planCounts(flow: Flow, observes: Observed[]): CountPlan {
  // Columns: the unknowns, the least likely to be zero first, then what is observed (the constant one is unknown 0).
  const order = flow.unknowns.map((_, index) => index).filter((index) => index > 0)
  const rankAt = (index: number) => ranks.indexOf(flow.unknowns[index]?.rank ?? 'rare')
  order.sort((a, b) => rankAt(a) - rankAt(b))
  const end = order.length
  const columns = new Map([[0, end], ...order.map((index, column): [number, number] => [index, column])])
  const columnOf = (index: number) => columns.get(index) ?? end
  const width = end + observes.length
  const rows = flow.zero.map((form) => dense(form, columnOf, width))
  for (const [index, what] of observes.entries()) {
    const form = flow.observed.get(what)
    if (!form) continue
    const row = dense(form, columnOf, width)
    row[end + index] = (row[end + index] ?? 0) - 1
    rows.push(row)
  }
  const solution = eliminate(rows, end)
  const inTerms = (form: Form) => substitute(form, columnOf, solution, width)
  return narrow(flow, observes, order, inTerms)
}

function dense(form: Form, columnOf: (index: number) => number, width: number): Float64Array {
  const row = new Float64Array(width)
  for (const [index, factor] of form) row[columnOf(index)] = factor
  return row
}

/** Keeps of a solution what the counts depend on, by way of shared guesses too. */
function narrow(flow: Flow, observes: Observed[], order: number[], inTerms: (form: Form) => Float64Array): CountPlan {
  const end = order.length
  const read = inTerms(flow.read)
  const written = inTerms(flow.written)
  const all = [
    ...order.map((index) => ({row: inTerms(new Map([[index, 1]])), once: flow.unknowns[index]?.once === true})),
    ...flow.natural.map((form) => ({row: inTerms(form), once: false})),
  ]
  const guesses = (row: Float64Array) => [...row.subarray(0, end).keys()].filter((column) => row[column] !== 0)
  const needed = new Set([...guesses(read), ...guesses(written)])
  const loops = flow.loops.map(({entered, went}) => ({entered: inTerms(entered), went: inTerms(went)}))
  for (let before = -1; before < needed.size; ) {
    before = needed.size
    for (const {row} of all) if (guesses(row).some((column) => needed.has(column))) for (const column of guesses(row)) needed.add(column)
  }
  // Guesses grow from the likeliest to the least likely.
  const free = [...needed].sort((a, b) => a - b)
  const toSum = (row: Float64Array): Sum => ({observed: row.slice(end), guessed: Float64Array.from(free, (column) => row[column] ?? 0)})
  const unknownAt = (column: number) => flow.unknowns[order[column] ?? 0]
  return {
    observes,
    read: toSum(read),
    written: toSum(written),
    most: free.map((column) => (unknownAt(column)?.once ? 1 : Number.POSITIVE_INFINITY)),
    limits: all.filter(({row}) => guesses(row).some((column) => needed.has(column))).map(({row, once}) => ({...toSum(row), once})),
    loops: loops
      .filter(({entered, went}) => [...guesses(entered), ...guesses(went)].some((column) => needed.has(column)))
      .map(({entered, went}) => ({entered: toSum(entered), went: toSum(went)})),
    rare: free.filter((column) => unknownAt(column)?.rank === 'rare').length,
    certain: free.every((column) => unknownAt(column)?.rank === 'entry' && loops.some(({entered, went}) => entered[column] === -1 && went[column] === 1 && guesses(entered).length === 1 && guesses(went).length === 1)),
  }
}
