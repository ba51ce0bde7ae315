import {ranks} from './edges.ts'
import type {Flow, Implied, Observed} from './flow.ts'
import {type Form, unknown} from './linear-form.ts'
import {eliminate, substitute} from './linear-system.ts'

/** A number as a sum: factors of what is observed, and of what has to be guessed. */
export type Sum = {observed: Float64Array; guessed: Float64Array}

/** How to work out a statement's counts from what is observed of a run of it. */
export type CountPlan = {
  observes: readonly Observed[]
  read: Sum
  written: Sum
  /** The most that each guess can be; the last `unlikely` ones are hardly ever more than zero. */
  most: number[]
  unlikely: number
  /** What depends on the guesses and is a whole number, zero or more, and one at most where it happens once. */
  limits: (Sum & {once: boolean})[]
  implied: Implied<Sum>[]
  /** Whether all that has to be guessed is whether loops were entered at all, which how often they ran tells. */
  certain: boolean
}

/** A flow solved: each of its sums in columns, first what is left to be guessed (by column, `unknowns` says of what), then what is observed. */
type Solved = {
  unknowns: Flow['unknowns']
  inColumns: (form: Form) => Float64Array
  guesses: (row: Float64Array) => number[]
  toSum: (row: Float64Array, free: number[]) => Sum
}

/** Solves a flow for what is observed of a run, and keeps of it what the counts depend on. */
export function planCounts(flow: Flow, observes: readonly Observed[]): CountPlan {
  const solved = solve(flow, observes)
  const {unknowns, inColumns, guesses, toSum} = solved
  const read = inColumns(flow.read)
  const written = inColumns(flow.written)
  const limits = [
    ...flow.unknowns.map(({once}, index) => ({row: inColumns(unknown(index)), once})),
    ...flow.natural.map((form) => ({row: inColumns(form), once: false})),
  ]
  const implied = flow.implied.map((each) => ({effect: inColumns(each.effect), cause: inColumns(each.cause)}))
  const needed = closure(
    [...guesses(read), ...guesses(written)],
    limits.map(({row}) => guesses(row)),
  )
  const concerns = (...rows: Float64Array[]) => rows.some((row) => guesses(row).some((column) => needed.has(column)))
  // By column: from those that are the likeliest to be more than zero.
  const free = [...needed].sort((a, b) => a - b)
  return {
    observes,
    read: toSum(read, free),
    written: toSum(written, free),
    most: free.map((column) => (unknowns[column]?.once ? 1 : Number.POSITIVE_INFINITY)),
    unlikely: free.filter((column) => unknowns[column]?.rank === 'rare').length,
    limits: limits.filter(({row}) => concerns(row)).map(({row, once}) => ({...toSum(row, free), once})),
    implied: implied.filter((each) => concerns(each.effect, each.cause)).map((each) => ({effect: toSum(each.effect, free), cause: toSum(each.cause, free)})),
    certain: free.every((column) =>
      implied.some((each) => each.cause[column] === -1 && each.effect[column] === 1 && [each.cause, each.effect].every((row) => guesses(row).length === 1)),
    ),
  }
}

function solve(flow: Flow, observes: readonly Observed[]): Solved {
  const order = [...flow.unknowns.keys()].slice(1)
  const rankOf = (index: number) => ranks.indexOf(flow.unknowns[index]?.rank ?? 'rare')
  // What comes first is worked out, what comes last is guessed.
  order.sort((a, b) => rankOf(a) - rankOf(b))
  const end = order.length
  const width = end + observes.length
  // Unknown 0 is the constant one, which is the first of what is observed.
  const columns = new Map([[0, end], ...order.map((index, column): [number, number] => [index, column])])
  const columnOf = (index: number) => columns.get(index) ?? end
  const dense = (form: Form) => substitute(form, columnOf, new Map(), width)
  const rows = flow.zero.map(dense)
  for (const [index, what] of observes.entries()) {
    const form = flow.observed.get(what)
    if (!form) continue
    const row = dense(form)
    row[end + index] = (row[end + index] ?? 0) - 1
    rows.push(row)
  }
  const solution = eliminate(rows, end)
  return {
    unknowns: order.flatMap((index) => flow.unknowns[index] ?? []),
    inColumns: (form) => substitute(form, columnOf, solution, width),
    guesses: (row) => [...row.subarray(0, end).keys()].filter((column) => row[column] !== 0),
    toSum: (row, free) => ({observed: row.slice(end), guessed: Float64Array.from(free, (column) => row[column] ?? 0)}),
  }
}

/** Some members, and all that share a group with one of them, and so on. */
function closure(members: number[], groups: number[][]): Set<number> {
  const found = new Set(members)
  for (let before = -1; before < found.size; ) {
    before = found.size
    for (const group of groups) if (group.some((member) => found.has(member))) for (const member of group) found.add(member)
  }
  return found
}
