/** Whole numbers, from one to another. */
export type Range = [from: number, to: number]

/** The ranges of numbers that come in their order. */
export function rangesOf(numbers: Iterable<number>): Range[] {
  const ranges: Range[] = []
  for (const number of numbers) {
    const last = ranges.at(-1)
    if (last && number === last[1] + 1) last[1] = number
    else ranges.push([number, number])
  }
  return ranges
}

/** Ranges with all that these have, none of `without`, and more besides: no more than `most`, unless `without` makes them more. Small gaps go first. */
export function mergedRanges(ranges: Range[], {most, without}: {most: number; without: number[]}): Range[] {
  const cuts = without.toSorted((a, b) => a - b)
  let merged = ranges
  for (let gap = 2; merged.length > most && gap < Number.MAX_SAFE_INTEGER; gap *= 2) merged = mergedOver(merged, gap, cuts)
  return merged
}

function mergedOver(ranges: Range[], gap: number, cuts: number[]): Range[] {
  const merged: Range[] = []
  let next = 0
  for (const [from, to] of ranges) {
    const last = merged.at(-1)
    while ((cuts[next] ?? from) < (last?.[1] ?? from)) next += 1
    if (last && from - last[1] <= gap && (cuts[next] ?? from) >= from) last[1] = to
    else merged.push([from, to])
  }
  return merged
}
