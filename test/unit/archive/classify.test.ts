import fc from 'fast-check'
import {expect, test} from 'vitest'
import {classify} from '../../../src/archive/classify.ts'
import {type ClosedRule, closedPrefix} from '../../../src/archive/closed.ts'
import {explainSymbol} from '../../../src/archive/explain.ts'
import type {LoggedTrade} from '../../../src/archive/logged-trade.ts'
import {openQuantities} from '../../../src/archive/open-positions.ts'
import {histories, historyEnd, tradeAt} from '../../helpers/trade-histories.ts'

const now = historyEnd.getTime() * 1000
const rule: ClosedRule = {now, settledUntil: now - 86_400_000_000, openQuantityOf: () => undefined, archivedUntil: () => undefined, lenient: false}

const entry = tradeAt(10, {id: 'in', execution_reason: 'ENTRY', pnl: null})
const exit = tradeAt(20, {id: 'out', action: 'SELL'})
const ofSymbol = (symbol: unknown) => [entry, exit].map((row) => ({...row, symbol}))
const byTime = (a: LoggedTrade, b: LoggedTrade) => (String(a.timestamp) < String(b.timestamp) ? -1 : Number(a.timestamp !== b.timestamp))

test('each symbol is judged by its own rows, those without a symbol together', () => {
  const rows = ['A', 'B', 5, Number.NaN, null].flatMap(ofSymbol)
  const sorted = [...rows.slice(0, 4), ...rows.slice(4).sort(byTime)]
  expect([...classify(sorted, rule)]).toEqual([
    closedPrefix('A', ofSymbol('A'), rule),
    closedPrefix('B', ofSymbol('B'), rule),
    expect.objectContaining({symbol: null, rows: 6, cut: null}),
  ])
  expect([...classify([], rule)]).toEqual([])
})

test('what is asked of a symbol is asked with its name', () => {
  const openQuantityOf = openQuantities([{symbol: 'B', quantity: 50}])
  const archivedUntil = (symbol: string) => (symbol === 'A' ? now : undefined)
  const results = [...classify(['A', 'B', 'C'].flatMap(ofSymbol), {...rule, openQuantityOf, archivedUntil})]
  expect(results.map(({symbol, cut, late}) => [symbol, cut?.rows, late.rows])).toEqual([
    ['A', 2, 2],
    ['B', undefined, 0],
    ['C', 2, 0],
  ])
})

test('a symbol is answered with the first row of the next, and no row is taken before it is needed', () => {
  let taken = 0
  function* rows() {
    for (let symbol = 0; ; symbol++)
      for (const row of ofSymbol(`S${symbol}`)) {
        taken++
        yield row
      }
  }
  for (const {symbol} of classify(rows(), rule)) if (symbol === 'S1000') break
  expect(taken).toBe(2 * 1001 + 1)
})

test('an explanation shows the sums after each row, and where the rows up to it could be closed', () => {
  const rows = [
    entry,
    {...entry, id: 'more'},
    {...exit, quantity: 100},
    tradeAt(30, {id: 'again', execution_reason: 'ENTRY'}),
    tradeAt(31, {id: 'wrong', quantity: 0}),
  ]
  const explained = [...explainSymbol('NIFTY', rows, rule)].map(({row, net, unexited, isPossibleCut}) => [row.id, net, unexited, isPossibleCut])
  expect(explained).toEqual([
    ['in', 50, 50, false],
    ['more', 100, 100, false],
    ['out', 0, 0, true],
    ['again', 50, 50, false],
    ['wrong', null, null, false],
  ])
})

test('no row of a shared timestamp but its last is a possible cut, and none of today', () => {
  const rows = [
    entry,
    exit,
    {...entry, id: 'in 2', timestamp: exit.timestamp},
    {...exit, id: 'out 2'},
    tradeAt(99, {execution_reason: 'ENTRY'}),
    tradeAt(100, {action: 'SELL'}),
  ]
  expect([...explainSymbol('NIFTY', rows, rule)].map(({isPossibleCut}) => isPossibleCut)).toEqual([false, false, false, true, false, false])
})

test('an explanation ends with what becomes of the symbol, whose cut is its last possible one', () => {
  fc.assert(
    fc.property(histories(['as planned', 'no entry', 'no exit']), ({symbol, rows}) => {
      const sorted = rows.toSorted(byTime)
      const steps = explainSymbol(symbol, sorted, rule)
      let lastCut: number | undefined
      let shown = 0
      let step = steps.next()
      for (; !step.done; step = steps.next()) {
        shown++
        if (step.value.isPossibleCut) lastCut = shown
      }
      expect(step.value).toEqual(closedPrefix(symbol, sorted, rule))
      expect([shown, lastCut]).toEqual([rows.length, step.value.cut?.rows])
    }),
  )
})
