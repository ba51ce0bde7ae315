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

test.each([
  ['NIFTY', 'NIFTY24JAN22000CE'],
  ['NIFTY', 'NIFTY2411822000CE'],
  ['NIFTY', 'NIFTY24N2824000PE'],
  ['NIFTY', 'NIFTY28NOV24C24000'],
  ['NIFTY', 'NIFTY 28-NOV-2024 24000 CE'],
  ['NIFTY', 'NIFTY 24000 CE 28 NOV 24'],
  ['NIFTY', 'NIFTY 28 NOV 24000 CALL'],
  ['NIFTY', 'NIFTY 28TH NOV 24000 CE'],
  ['NIFTY', 'NIFTY  241128C00024000'],
  ['NIFTY', 'NIFTY_24000_CE'],
  ['NIFTY', 'NIFTY-NOV2024-24000-CE'],
  ['NIFTY', 'NIFTY FUT'],
  ['NIFTY', 'NIFTY-I'],
  ['NIFTY', 'NSE:NIFTY24N2824000CE'],
  ['NIFTY', 'nse_fo:Nifty24n2824000ce'],
  ['NSE:NIFTY', 'NIFTY24N2824000CE'],
  ['NSE:NIFTY', 'NFO:NIFTY24N2824000CE'],
  ['nse: nifty ', 'NIFTY'],
  ['NIFTYNXT50', 'NIFTYNXT5024JAN70000CE'],
  ['SENSEX50', 'SENSEX5024D1380000CE'],
  ['M&M', 'M&M24JAN1517.5CE'],
  ['BAJAJ-AUTO', 'BAJAJ-AUTO24JAN8000CE'],
  ['SPY', 'SPY241220C00450000'],
  ['NIFTY24JAN22000CE', 'NSE:NIFTY24JAN22000CE'],
])('trades of %s are kept by a position in %s', (symbol, position) => {
  expect(openQuantities([{symbol: position, quantity: 50}])(symbol)).toEqual({contracts: 50, net: 50})
})

test.each([
  ['NIFTY', 'NIFTYNXT5024JAN70000CE'],
  ['NIFTY', 'BANKNIFTY24JAN48000PE'],
  ['NIFTY', 'NSE:FINNIFTY24JAN22000CE'],
  ['BANK', 'BANKNIFTY24JAN48000PE'],
  ['NSE', 'NSE:NIFTY24N2824000CE'],
  ['NIFTY24JAN22000CE', 'NIFTY24JAN22000PE'],
  ['NIFTY24JAN22000CE', 'NIFTY'],
  ['', 'NIFTY24JAN22000CE'],
])('trades of %j are not kept by a position in %s', (symbol, position) => {
  expect(openQuantities([{symbol: position, quantity: 50}])(symbol)).toBeUndefined()
})
