import {describe, expect, test} from 'vitest'
import {type DatedTrade, exitDates} from '../../../src/archive/exit-dates.ts'

type Leg = [date: string, side: string, reason: 'ENTRY' | 'EXPIRY', quantity: unknown, group?: string]

/** The exit dates of trades, in their order. */
function datesOf(...legs: Leg[]): (string | null)[] {
  const trades = legs.map(
    ([date, action, reason, quantity, group = 'NIFTY'], rowid): DatedTrade => ({rowid, group, date, isEntry: reason === 'ENTRY', action, quantity}),
  )
  const found = [...exitDates(trades)]
  expect(found.length).toBe(legs.length)
  return legs.map((_, rowid) => found.find((each) => each.rowid === rowid)?.exitDate ?? null)
}

describe('the exit that a trade belongs to', () => {
  test('is for an entry the one that closes the last of it, first in, first out', () => {
    const entries: Leg[] = [
      ['01', 'BUY', 'ENTRY', 50],
      ['02', 'BUY', 'ENTRY', 50],
    ]
    const exits: Leg[] = [
      ['03', 'SELL', 'EXPIRY', 25],
      ['04', 'SELL', 'EXPIRY', 50],
      ['05', 'SELL', 'EXPIRY', 25],
    ]
    expect(datesOf(...entries, ...exits)).toEqual(['04', '05', '03', '04', '05'])
  })

  test('may close several entries at once', () => {
    expect(datesOf(['01', 'SELL', 'ENTRY', 10], ['02', 'SELL', 'ENTRY', 20], ['03', 'BUY', 'EXPIRY', 30])).toEqual(['03', '03', '03'])
  })

  test('is of the other side: the legs of a condor are told apart', () => {
    const entries: Leg[] = [
      ['01', 'BUY', 'ENTRY', 50],
      ['01', 'SELL', 'ENTRY', 50],
    ]
    expect(datesOf(...entries, ['02', 'SELL', 'EXPIRY', 50], ['03', 'BUY', 'EXPIRY', 50])).toEqual(['02', '03', '02', '03'])
  })

  test('is never one of another symbol or source', () => {
    expect(datesOf(['01', 'BUY', 'ENTRY', 50, 'a'], ['02', 'SELL', 'EXPIRY', 50, 'b'])).toEqual([null, '02'])
    expect(datesOf(['01', 'BUY', 'ENTRY', 50, 'a'], ['02', 'BUY', 'ENTRY', 50, 'b'], ['03', 'SELL', 'EXPIRY', 50, 'b'])).toEqual([null, '03', '03'])
  })

  test('is none where not all of an entry is closed, or its values say nothing', () => {
    expect(datesOf(['01', 'BUY', 'ENTRY', 50], ['02', 'SELL', 'EXPIRY', 49])).toEqual([null, '02'])
    expect(datesOf(['01', 'buy', 'ENTRY', 50], ['01', 'BUY', 'ENTRY', '50'], ['01', 'BUY', 'ENTRY', -1], ['02', 'SELL', 'EXPIRY', 99])).toEqual([
      null,
      null,
      null,
      '02',
    ])
  })

  test('is for an exit its own, also if it closes nothing', () => {
    expect(datesOf(['01', 'BUY', 'EXPIRY', 50], ['02', 'x', 'EXPIRY', null], ['03', 'SELL', 'ENTRY', 50])).toEqual(['01', '02', null])
  })

  test('is found for very many entries that are open at once, in as much time for each as for a few', () => {
    const count = 200_000
    function* trades(): Generator<DatedTrade> {
      const trade = {group: 'NIFTY', date: '01', action: 'BUY', quantity: 50, isEntry: true}
      for (let rowid = 0; rowid < count; rowid++) yield {...trade, rowid}
      for (let rowid = count; rowid < 2 * count; rowid++) yield {...trade, rowid, action: 'SELL', isEntry: false, date: '02'}
    }
    const dates = new Set<string | null>()
    let found = 0
    for (const {exitDate} of exitDates(trades())) {
      dates.add(exitDate)
      found += 1
    }
    expect([found, [...dates]]).toEqual([2 * count, ['02']])
  }, 5000)
})
