/** One line of a comparison: on both sides (` `), only expected (`-`), or only there (`+`). */
export type DiffLine = {sign: ' ' | '-' | '+'; text: string}

/** Beyond so many pairs of lines nobody reads which of them agree, and finding out takes long. */
const maxPairs = 4_000_000

/** The shortest way from the expected lines to the actual ones: as many as possible stay, unless both are very long and very different. */
export function diffLines(expected: string[], actual: string[]): DiffLine[] {
  const shorter = Math.min(expected.length, actual.length)
  let start = 0
  while (start < shorter && expected[start] === actual[start]) start += 1
  let end = 0
  while (end < shorter - start && expected.at(-1 - end) === actual.at(-1 - end)) end += 1
  const [should, is] = [expected.slice(start, expected.length - end), actual.slice(start, actual.length - end)]
  const middle = should.length * is.length > maxPairs ? [...signed('-', should), ...signed('+', is)] : walk(should, is)
  return [...signed(' ', expected.slice(0, start)), ...middle, ...signed(' ', expected.slice(expected.length - end))]
}

const signed = (sign: DiffLine['sign'], lines: string[]) => lines.map((text) => ({sign, text}))

function walk(expected: string[], actual: string[]): DiffLine[] {
  const lengths = commonLengths(expected, actual)
  const width = actual.length + 1
  const lines: DiffLine[] = []
  let [row, column] = [0, 0]
  while (row < expected.length && column < actual.length) {
    const [should = '', is = ''] = [expected[row], actual[column]]
    const at = row * width + column
    const sign = should === is ? ' ' : (lengths[at + width] ?? 0) >= (lengths[at + 1] ?? 0) ? '-' : '+'
    lines.push({sign, text: sign === '+' ? is : should})
    if (sign !== '+') row += 1
    if (sign !== '-') column += 1
  }
  return [...lines, ...signed('-', expected.slice(row)), ...signed('+', actual.slice(column))]
}

/** How many lines agree, in order, from each pair of positions to the ends: row by row, in one array. */
function commonLengths(expected: string[], actual: string[]): Uint32Array {
  const width = actual.length + 1
  const lengths = new Uint32Array((expected.length + 1) * width)
  for (let row = expected.length - 1; row >= 0; row--) {
    for (let column = actual.length - 1; column >= 0; column--) {
      const at = row * width + column
      lengths[at] = expected[row] === actual[column] ? (lengths[at + width + 1] ?? 0) + 1 : Math.max(lengths[at + width] ?? 0, lengths[at + 1] ?? 0)
    }
  }
  return lengths
}
