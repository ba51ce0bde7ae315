import {expect, test} from 'vitest'
import {addPrinted, decimalText, zero} from '../../../src/archive/decimal.ts'

const sumOf = (...values: number[]) => decimalText(values.reduce(addPrinted, zero))

test.for([
  [[0.1, 0.2], '0.3'],
  [[1.5, -2.25, 0.75], '0'],
  [[1e16, 1, -1e16], '1'],
  [[1e-7, 2e21], '2000000000000000000000.0000001'],
  [[-0.001], '-0.001'],
  [[-0, 100], '100'],
  [[-5.5e-10, -1e22], '-10000000000000000000000.00000000055'],
  [[], '0'],
] as [number[], string][])('%j as they are printed come to %s', ([values, text]) => {
  expect(sumOf(...values)).toBe(text)
})
