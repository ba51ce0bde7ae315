import {expect, test} from 'vitest'
import {underlyingsOf} from '../../../src/archive/underlying.ts'

test.each([
  ['NIFTY24JAN22000CE', 'NIFTY'],
  ['NIFTY2411822000CE', 'NIFTY'],
  ['NIFTY24N2824000PE', 'NIFTY'],
  ['NIFTY28NOV2424000CE', 'NIFTY'],
  ['NIFTY28NOV24C24000', 'NIFTY'],
  ['NIFTY 28-NOV-2024 24000 CE', 'NIFTY'],
  ['NIFTY24JANFUT', 'NIFTY'],
  ['BANKNIFTY24JAN48000PE', 'BANKNIFTY'],
  ['NIFTYNXT5024JAN70000CE', 'NIFTYNXT50'],
  ['NIFTYNXT502411870000CE', 'NIFTYNXT50'],
  ['FINNIFTY2620324000CE', 'FINNIFTY'],
  ['SENSEX5024D1380000CE', 'SENSEX50'],
  ['M&M24JAN1517.5CE', 'M&M'],
  ['BAJAJ-AUTO24JAN8000CE', 'BAJAJ-AUTO'],
  ['NFO:NIFTY24JAN22000CE', 'NFO:NIFTY'],
  ['SPY241220C00450000', 'SPY'],
])('%s is a contract on %s', (contract, underlying) => expect(underlyingsOf(contract)).toContain(underlying))

test.each([
  ['NIFTYNXT5024JAN70000CE', ['NIFTY', 'NIFTYNXT', 'NIFTYNXT5']],
  ['NIFTYNXT502411870000CE', ['NIFTY', 'NIFTYNXT', 'NIFTYNXT5']],
  ['NIFTYNXT5030D1370000CE', ['NIFTY', 'NIFTYNXT']],
  ['BANKNIFTY24JAN48000PE', ['NIFTY', 'BANK', 'B']],
  ['SENSEX5024D1380000CE', ['SENSEX']],
  ['NIFTY24JAN22000CE', ['NIFTY24JAN', 'NIFTY2', 'NIFT']],
])('%s is a contract on none of %j', (contract, others) => {
  for (const other of others) expect(underlyingsOf(contract)).not.toContain(other)
})

test.each(['NIFTY', 'NIFTY50', 'NIFTY 50', 'RELIANCE', 'CE', '24JAN22000CE', 'NIFTY24JAN', 'NIFTYJAN22000CE', 'NIFTY24JAN22000', 'NIFTY24XXX22000CE', ''])(
  '%j is no contract',
  (symbol) => expect(underlyingsOf(symbol)).toEqual([]),
)

test('a symbol of a million characters takes no time', () => {
  const started = performance.now()
  expect(underlyingsOf(`${'2'.repeat(1_000_000)}CE`).length).toBeLessThan(32)
  expect(performance.now() - started).toBeLessThan(1000)
})
