import {describe, expect, test} from 'vitest'
import {type ClosedRule, closedPrefix} from '../../../src/archive/closed.ts'
import type {LoggedTrade} from '../../../src/archive/logged-trade.ts'
import {openQuantities} from '../../../src/archive/open-positions.ts'
import {settledUntil} from '../../../src/archive/trading-day.ts'

const market = {timeZone: 'Asia/Kolkata', days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], open: '09:15', close: '15:30', holidays: []}
const now = Date.parse('2026-01-22T12:00:00Z') * 1000
const rule: ClosedRule = {now, settledUntil: settledUntil(market, now), openQuantityOf: () => undefined, archivedUntil: () => undefined, lenient: false}
const withOpen = (quantity: number, symbol = 'NIFTY'): ClosedRule => ({...rule, openQuantityOf: openQuantities([{symbol, quantity}])})

const trade = (id: string, time: string, action: string, quantity: number, execution_reason: string, changes: Partial<LoggedTrade> = {}): LoggedTrade => ({
  id,
  timestamp: `2026-01-${time}`,
  symbol: 'NIFTY',
  action,
  quantity,
  price: 101.35,
  execution_reason,
  pnl: execution_reason === 'ENTRY' ? null : 12.5,
  ...changes,
})

const entry = trade('in', '19 05:00:00', 'BUY', 50, 'ENTRY')
const exit = trade('out', '20 05:00:00', 'SELL', 50, 'EXPIRY')
const again = trade('in again', '20 06:00:00', 'BUY', 50, 'ENTRY')
const closed = [entry, exit]
const condor = ['SELL', 'BUY', 'SELL', 'BUY'].map((action, index) => trade(`leg ${index}`, '19 05:00:00', action, 50, 'ENTRY'))
const condorExits = ['BUY', 'SELL', 'BUY', 'SELL'].map((action, index) => trade(`exit ${index}`, '20 05:00:00', action, 50, 'EXPIRY'))

const close = (rows: LoggedTrade[], changes = rule) => closedPrefix('NIFTY', rows, changes)
const kept = (...runs: [number, string][]) => runs.map(([rows, reason]) => ({rows, reason}))

describe('closed are', () => {
  test('an entry and its exit, with nothing kept', () => {
    const cut = {rows: 2, instant: Date.parse('2026-01-20T05:00:00Z') * 1000, timestamp: '2026-01-20 05:00:00'}
    expect(close(closed)).toEqual({symbol: 'NIFTY', rows: 2, cut, kept: [], keptSince: null, stuck: false, problems: [], late: {rows: 0, first: []}})
  })

  test('partial exits, at the last of them', () => {
    const rows = [
      trade('in', '19 05:00:00', 'BUY', 100, 'ENTRY'),
      ...['19 06:00:00', '20 05:00:00'].map((time) => trade(time, time, 'SELL', 50, 'STOP_LOSS_LEG')),
    ]
    expect(close(rows)).toMatchObject({cut: {rows: 3, timestamp: '2026-01-20 05:00:00'}, kept: []})
    expect(close(rows.slice(0, 2))).toMatchObject({cut: null, kept: kept([2, 'NOT_FLAT'])})
  })

  test('a condor that was exited, but not its four entries that net to zero', () => {
    expect(close([...condor, ...condorExits])).toMatchObject({cut: {rows: 8}})
    expect(close(condor)).toMatchObject({cut: null, kept: kept([4, 'UNBALANCED'])})
  })

  test('what was closed before a trade that nobody will end', () => {
    expect(close([...closed, again])).toMatchObject({
      cut: {rows: 2},
      kept: kept([1, 'NOT_FLAT']),
      keptSince: Date.parse('2026-01-20T06:00:00Z') * 1000,
      stuck: true,
    })
  })

  test('no rows where there are none', () => expect(close([])).toMatchObject({rows: 0, cut: null, kept: [], stuck: false}))
})

describe('a re-entry that is open', () => {
  test.each(['NIFTY', 'NIFTY26JAN24000CE'])('keeps all rows of the symbol, by a position in %s', (symbol) => {
    expect(close([...closed, again], withOpen(50, symbol))).toMatchObject({cut: null, kept: kept([3, 'POSITION_OPEN']), stuck: false})
  })

  test('leaves closed what was closed before it when lenient', () => {
    expect(close([...closed, again], {...withOpen(50), lenient: true})).toMatchObject({cut: {rows: 2}, kept: kept([1, 'POSITION_OPEN']), stuck: false})
  })

  test.each([
    ['of another quantity', [...closed, again], 75],
    ['in the other direction', [...closed, again], -50],
    ['of which there is no entry', closed, 50],
    ['after an exit without an entry', [{...exit, id: 'old'}, again], 50],
    ['with an entry that cannot be summed', [...closed, {...again, quantity: 50.5}], 50],
  ])('keeps all rows, lenient too, by a position %s', (_, rows, quantity) => {
    expect(close(rows, {...withOpen(quantity), lenient: true}).cut).toBeNull()
  })

  test('keeps all rows, lenient too, by positions without entries that net to zero', () => {
    const positions = [50, -50].map((quantity) => ({symbol: 'NIFTY', quantity}))
    expect(close(closed, {...rule, openQuantityOf: openQuantities(positions), lenient: true}).cut).toBeNull()
  })

  test('keeps what was closed today with the reason of today when lenient', () => {
    const today = [
      trade('a', '22 05:00:00', 'BUY', 50, 'ENTRY'),
      trade('b', '22 06:00:00', 'SELL', 50, 'EXPIRY'),
      trade('c', '22 07:00:00', 'BUY', 50, 'ENTRY'),
    ]
    expect(close([...closed, ...today], {...withOpen(50), lenient: true}).kept).toEqual(kept([2, 'TOO_RECENT'], [1, 'POSITION_OPEN']))
  })
})

describe('kept are', () => {
  test('an exit and a re-entry in one second, which are never split', () => {
    expect(close([entry, exit, {...again, timestamp: exit.timestamp}]).cut).toBeNull()
    expect(close([entry, exit, {...again, timestamp: '2026-01-20 05:00:00.000001'}]).cut).toMatchObject({rows: 2})
    expect(close([entry, exit, {...again, timestamp: '2026-01-20 05:00:00.000'}]).cut).toBeNull()
  })

  test('a position that was flipped', () => {
    expect(close([entry, {...exit, quantity: 100}])).toMatchObject({cut: null, kept: kept([2, 'NOT_FLAT']), stuck: true})
    expect(close([entry, {...exit, quantity: 100}], withOpen(-50))).toMatchObject({cut: null, stuck: true})
  })

  test('an exit without its entry, as stuck', () => {
    expect(close([exit])).toMatchObject({cut: null, kept: kept([1, 'NOT_FLAT']), keptSince: Date.parse('2026-01-20T05:00:00Z') * 1000, stuck: true})
  })

  test('an entry of today, not as stuck: its position may be still to come', () => {
    expect(close([{...entry, timestamp: '2026-01-22 05:00:00'}])).toMatchObject({kept: kept([1, 'NOT_FLAT']), stuck: false})
  })

  test('what was closed less than 24 hours ago, or on the current trading day', () => {
    const closedAt = (timestamp: string, at = now) => close([entry, {...exit, timestamp}], {...rule, now: at, settledUntil: settledUntil(market, at)})
    expect(closedAt('2026-01-21 12:00:00')).toMatchObject({cut: {rows: 2}})
    expect(closedAt('2026-01-21 12:00:00.000001')).toMatchObject({cut: null, kept: kept([2, 'TOO_RECENT']), stuck: false})
    const sunday = Date.parse('2026-01-25T12:00:00Z') * 1000
    expect(closedAt('2026-01-23 05:00:00', sunday)).toMatchObject({cut: null, kept: kept([2, 'TOO_RECENT'])})
    expect(closedAt('2026-01-22 05:00:00', sunday)).toMatchObject({cut: {rows: 2}})
  })

  test.each<[string, Partial<LoggedTrade>]>([
    ['ID_INVALID', {id: null}],
    ['ACTION_UNKNOWN', {action: 'buy'}],
    ['REASON_UNKNOWN', {execution_reason: 'ROLL'}],
    ['QUANTITY_INVALID', {quantity: 0}],
    ['QUANTITY_INVALID', {quantity: -50}],
    ['QUANTITY_INVALID', {quantity: 0.5}],
    ['QUANTITY_INVALID', {quantity: '50'}],
    ['QUANTITY_INVALID', {quantity: Number.MAX_SAFE_INTEGER}],
    ['PRICE_INVALID', {price: null}],
    ['PNL_INVALID', {pnl: 'none'}],
    ['PNL_MISSING', {pnl: null, execution_reason: 'EXPIRY'}],
  ])('all rows from one on that has %s, but not what was closed before it: %j', (reason, changes) => {
    const wrong = {...again, ...changes}
    const later = [trade('x', '20 07:00:00', 'BUY', 50, 'ENTRY'), trade('y', '20 08:00:00', 'SELL', 50, 'EXPIRY')]
    expect(close([...closed, wrong, ...later])).toMatchObject({
      cut: {rows: 2},
      kept: kept([3, reason]),
      stuck: true,
      problems: [{reason, rows: 1, first: [{id: wrong.id, timestamp: wrong.timestamp}]}],
    })
  })

  test('a row that is not as it should be, as stuck, also of today and with an open position', () => {
    const wrong = {...again, timestamp: '2026-01-22 06:00:00', quantity: 0}
    expect(close([...closed, wrong])).toMatchObject({stuck: true})
    expect(close([...closed, wrong], withOpen(50))).toMatchObject({cut: null, kept: kept([2, 'POSITION_OPEN'], [1, 'QUANTITY_INVALID']), stuck: true})
  })

  test('rows of which the first tells since when', () => {
    const later = [again, trade('later', '20 07:00:00', 'BUY', 50, 'ENTRY')]
    expect(close(later).keptSince).toBe(Date.parse('2026-01-20T06:00:00Z') * 1000)
    expect(close([...closed, ...later]).keptSince).toBe(Date.parse('2026-01-20T06:00:00Z') * 1000)
  })

  test('rows of the second in which one is not as it should be, with those before it', () => {
    const wrong = {...again, id: 'wrong', timestamp: exit.timestamp, quantity: 0}
    expect(close([entry, exit, wrong])).toMatchObject({cut: null, kept: kept([1, 'NOT_FLAT'], [2, 'QUANTITY_INVALID'])})
  })
})

describe('all rows of a symbol are refused', () => {
  test.each<[string, unknown, boolean]>([
    ['TIMESTAMP_MISSING', null, true],
    ['TIMESTAMP_INVALID', 'noon', true],
    ['TIMESTAMP_INVALID', 1768910400, true],
  ])('for one of %s, which is named: %j', (reason, timestamp, stuck) => {
    expect(close([{...again, timestamp}, ...closed])).toMatchObject({
      cut: null,
      kept: kept([3, reason]),
      stuck,
      problems: [{reason, rows: 1, first: [{id: 'in again', timestamp}]}],
    })
  })

  test('for one in the future, until it is past', () => {
    const soon = {...again, timestamp: '2026-01-22 12:00:00.000001'}
    expect(close([...closed, soon])).toMatchObject({cut: null, kept: kept([3, 'TIMESTAMP_FUTURE']), stuck: false, problems: [{first: [{id: 'in again'}]}]})
    expect(close([...closed, {...again, timestamp: '2026-01-22 12:00:00'}]).problems).toEqual([])
  })

  test('for formats that differ, with a sample of each', () => {
    const rows = [entry, {...exit, timestamp: '2026-01-20T05:00:00Z'}, {...again, timestamp: '2026-01-20T11:30:00+05:30'}]
    const first = rows.map(({id, timestamp}) => ({id, timestamp}))
    expect(close(rows)).toMatchObject({cut: null, kept: kept([3, 'TIMESTAMP_MIXED']), stuck: true, problems: [{reason: 'TIMESTAMP_MIXED', rows: 3, first}]})
  })

  test('for a symbol that is no text', () => {
    const rows = closed.map((row) => ({...row, symbol: 5}))
    expect(closedPrefix(null, rows, rule)).toMatchObject({symbol: null, cut: null, kept: kept([2, 'SYMBOL_INVALID']), stuck: true})
  })

  test('and no more than ten of the rows that are wrong are named', () => {
    const rows = Array.from({length: 30}, (_, id) => ({...entry, id: `${id}`, timestamp: null}))
    const [problem] = close(rows).problems
    expect(problem).toMatchObject({rows: 30})
    expect(problem?.first.map(({id}) => id)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })
})

test('rows that come late, up to the last instant in the archive, are reported and closed like others', () => {
  const archivedUntil = () => Date.parse('2026-01-20T05:00:00Z') * 1000
  expect(close([entry, exit, again], {...rule, archivedUntil})).toMatchObject({
    cut: {rows: 2},
    late: {rows: 2, first: [{id: 'in', timestamp: entry.timestamp}, {id: 'out'}]},
  })
})

test('rows out of order are an error, as a cut among them would mean nothing', () => {
  expect(() => close([exit, entry])).toThrow('not in the order of time')
  expect(() => close([entry, {...exit, timestamp: null}])).toThrow('not in the order of time')
})
