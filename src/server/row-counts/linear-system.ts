import type {Form} from './linear-form.ts'

/** Each pivot, an unknown that others determine, as a sum: of the unknowns that are left free and of the right-hand sides. */
export type Solution = Map<number, Float64Array>

const tiny = 1e-9

/**
 * Gauss and Jordan's elimination of `rows` (each zero as a sum of columns), in which columns before `end` can be pivots, the first of them first.
 * Gives for each pivot what it equals, as factors of the other columns.
 */
export function eliminate(rows: Float64Array[], end: number): Solution {
  const solved: [pivot: number, row: Float64Array][] = []
  for (let column = 0; column < end && solved.length < rows.length; column++) {
    const found = rows.findIndex((row, index) => index >= solved.length && Math.abs(row[column] ?? 0) > tiny)
    const pivot = rows[found]
    if (!pivot) continue
    rows[found] = rows[solved.length] ?? pivot
    rows[solved.length] = pivot
    const factor = pivot[column] ?? 1
    for (let at = 0; at < pivot.length; at++) pivot[at] = (pivot[at] ?? 0) / factor
    for (const row of rows) if (row !== pivot) subtract(row, pivot, row[column] ?? 0)
    solved.push([column, pivot])
  }
  return new Map(solved.map(([pivot, row]) => [pivot, row.map((value, column) => (column === pivot ? 0 : -value))]))
}

function subtract(row: Float64Array, pivot: Float64Array, times: number): void {
  if (Math.abs(times) < tiny) return
  for (let at = 0; at < row.length; at++) {
    const value = (row[at] ?? 0) - times * (pivot[at] ?? 0)
    row[at] = Math.abs(value) < tiny ? 0 : value
  }
}

/** A form with its pivots replaced by what they equal. */
export function substitute(form: Form, columnOf: (unknown: number) => number, solution: Solution, width: number): Float64Array {
  const result = new Float64Array(width)
  for (const [unknown, factor] of form) {
    const column = columnOf(unknown)
    const equal = solution.get(column)
    if (!equal) result[column] = (result[column] ?? 0) + factor
    else for (let at = 0; at < width; at++) result[at] = (result[at] ?? 0) + factor * (equal[at] ?? 0)
  }
  return result.map((value) => (Math.abs(value) < tiny ? 0 : value))
}
