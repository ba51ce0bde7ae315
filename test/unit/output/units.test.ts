import {expect, test} from 'vitest'
import {formatTable} from '../../../src/output/table.ts'
import {bytes, count} from '../../../src/output/units.ts'

test.each([
  [0, '0 B', '0'],
  [999, '999 B', '999'],
  [1000, '1.0 kB', '1.0k'],
  [999_949, '999.9 kB', '999.9k'],
  [999_960, '1.0 MB', '1.0M'],
  [5_000_000_000, '5.0 GB', '5.0G'],
  [500_000_000, '500.0 MB', '500.0M'],
])('%d is %s, or %s rows', (value, size, rows) => {
  expect([bytes(value), count(value)]).toEqual([size, rows])
})

test('numbers stand to the right on a terminal, and alone in a pipe', () => {
  const rows = [
    ['databases', '3', '100'],
    ['rows', '12.5M', '-'],
  ]
  expect(formatTable(['', 'USED', 'QUOTA'], rows, {aligned: true, numbers: true})).toBe(
    ['            USED  QUOTA', 'databases      3    100', 'rows       12.5M      -'].join('\n'),
  )
  expect(formatTable(['', 'USED', 'QUOTA'], rows, {aligned: false, numbers: true})).toBe('\tUSED\tQUOTA\ndatabases\t3\t100\nrows\t12.5M\t-')
})
