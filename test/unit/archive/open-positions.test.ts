import {expect, test} from 'vitest'
import {openQuantities} from '../../../src/archive/open-positions.ts'

test('the positions of a symbol are counted, regardless of their direction and by it', () => {
  const openQuantityOf = openQuantities([
    {symbol: 'NIFTY', quantity: 50},
    {symbol: 'NIFTY', quantity: -75},
  ])
  expect(openQuantityOf('NIFTY')).toEqual({contracts: 125, net: -25})
  expect(openQuantityOf('BANKNIFTY')).toBeUndefined()
})

test('a position in an option is one in its underlying, not in another option on it', () => {
  const openQuantityOf = openQuantities([
    {symbol: 'NIFTY24JAN22000CE', quantity: -50},
    {symbol: 'NIFTY', quantity: 25},
  ])
  expect(openQuantityOf('NIFTY')).toEqual({contracts: 75, net: -25})
  expect(openQuantityOf('NIFTY24JAN22000CE')).toEqual({contracts: 50, net: -50})
  expect(openQuantityOf('NIFTY24JAN22000PE')).toBeUndefined()
  expect(openQuantityOf('NIFTYNXT50')).toBeUndefined()
})

test('case and space around a symbol do not hide a position', () => {
  expect(openQuantities([{symbol: ' Nifty24Jan22000ce ', quantity: 50}])('nifty')).toEqual({contracts: 50, net: 50})
})

test.each([null, 50.5, '50', 2 ** 60])('a position whose quantity is %j is open, with a quantity that equals none', (quantity) => {
  expect(openQuantities([{symbol: 'NIFTY', quantity}])('NIFTY')).toEqual({contracts: Number.NaN, net: Number.NaN})
})

test('a position whose symbol is no text may be in anything', () => {
  expect(openQuantities([{symbol: new Uint8Array([1]), quantity: 50}])('NIFTY')).toEqual({contracts: Number.NaN, net: Number.NaN})
})
