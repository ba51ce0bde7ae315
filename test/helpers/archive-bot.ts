import type {Served, Trade} from './archive-pair.ts'
import {type Command, transact} from './transact.ts'

/** What a bot has written: each of its trades as it is now, and those that it took back. */
export type Bot = {
  trades: Map<string, Trade>
  retracted: Set<string>
  act: () => void
  /** Leaves every trip ended and every mistake corrected, as far as the trades are still there to be corrected. */
  tidyUp: () => void
}

/** In this symbol a position is open all the time. */
export const openSymbol = 'OPEN'

const symbols = ['NIFTY', 'BANKNIFTY', 'FINNIFTY']
const reasons = ['STOP_LOSS_LEG', 'DAILY_SL_EXIT', 'EXPIRY']
const columns = ['id', 'timestamp', 'symbol', 'action', 'quantity', 'price', 'execution_reason', 'pnl'] as const
const dayMs = 86_400_000

type Column = 1 | 2 | 3 | 4 | 5

const inserting = (trade: Trade): Command => ['INSERT INTO trade_logs VALUES (?, ?, ?, ?, ?, ?, ?, ?)', trade]
const opening = (id: string, symbol: string, quantity: number): Command => [
  "INSERT INTO active_positions (id, symbol, strike, option_type, quantity, entry_price) VALUES (?, ?, 24000, 'CE', ?, 100)",
  [id, symbol, quantity],
]

/**
 * A bot that trades, in random order: old and new round trips, late and same-second rows, legs that stay open for a time or for ever, with
 * a position or without; mistakes in any column and their corrections, rows replaced, and rows taken back, some to be written again under other ids.
 */
export function makeBot(source: Served, random: () => number): Bot {
  const trades = new Map<string, Trade>()
  const retracted = new Set<string>()
  const toDo: (() => void)[] = []
  const trips: Trade[][] = []
  let count = 0
  const below = (most: number) => Math.floor(random() * most)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T
  const stamp = (isNew: boolean) => {
    const day = isNew ? Date.now() - 2 * 3_600_000 : Math.floor(Date.now() / dayMs - 2 - below(8)) * dayMs
    return new Date(Math.floor(day / 60_000) * 60_000 + below(5) * 1000).toISOString().slice(0, 19).replace('T', ' ')
  }
  const trade = (symbol: string, timestamp: string, isBuy: boolean, quantity: number, isEntry: boolean): Trade => {
    count += 1
    const pnl = isEntry ? null : (random() - 0.5) * 1e4
    return [`${symbol}-${count}-é😀`, timestamp, symbol, isBuy ? 'BUY' : 'SELL', quantity, random() * 500, isEntry ? 'ENTRY' : pick(reasons), pnl]
  }
  const insert = (list: Trade[], more: Command[] = []) => {
    transact(source, [...list.map(inserting), ...more])
    for (const row of list) trades.set(row[0], row)
  }
  const set = (row: Trade, column: Column, value: string | number) => {
    if (transact(source, [[`UPDATE trade_logs SET ${columns[column]} = ? WHERE id = ?`, [value, row[0]]]]) === 1) row[column] = value as never
  }
  /** Another value of the column, that is wrong. */
  const mistaken = (row: Trade, column: Column) => [stamp(random() < 0.5), pick(symbols), row[3] === 'BUY' ? 'SELL' : 'BUY', row[4] * 2][column - 1] ?? 1
  const trip = () => {
    const [symbol, quantity, isBuy] = [pick(symbols), 25 * (1 + below(3)), random() < 0.5]
    const isNew = random() < 0.2
    const [from, to] = [stamp(isNew), stamp(isNew)].sort() as [string, string]
    const exits = random() < 0.3 ? [quantity - 20, 20] : [quantity]
    const list = [trade(symbol, from, isBuy, quantity, true), ...exits.map((part) => trade(symbol, to, !isBuy, part, false))]
    if (random() < 0.35) mistake(list)
    insert(list)
    trips.push(list)
  }
  /** All rows of a trip get other ids, as where it is imported once more. */
  const rewrite = () => {
    const list = pick(trips)
    const ids = JSON.stringify(list?.map(([id]) => id))
    const isOne = 'id IN (SELECT value FROM json_each(?))'
    const deleting = `DELETE FROM trade_logs WHERE ${isOne} AND (SELECT count(*) FROM trade_logs WHERE ${isOne}) = ?`
    if (!list || transact(source, [[deleting, [ids, ids, list.length]]]) === 0) return
    for (const row of list) {
      trades.delete(row[0])
      retracted.add(row[0])
      row[0] += '-again'
    }
    insert(list)
  }
  /** One column is wrong in one row, or the time in all of them, and is corrected later. */
  const mistake = (list: Trade[]) => {
    const column = pick([1, 1, 2, 3, 4] as const)
    const late = stamp(true)
    for (const row of column === 1 ? list : [pick(list)]) {
      const right = row[column] as string | number
      row[column] = (column === 1 ? late : mistaken(row, column)) as never
      toDo.push(() => set(row, column, right))
    }
  }
  const leg = () => {
    const [symbol, isBuy] = [pick(symbols), random() < 0.5]
    const entry = trade(symbol, stamp(false), isBuy, 25, true)
    const position = random() < 0.4 ? [opening(entry[0], `${symbol}26NOV24000CE`, isBuy ? 25 : -25)] : []
    insert([entry], position)
    toDo.push(() => insert([trade(symbol, stamp(false), !isBuy, 25, false)], [['DELETE FROM active_positions WHERE id = ?', [entry[0]]]]))
  }
  const openLeg = () => insert([trade(openSymbol, stamp(false), random() < 0.5, 50, true)])
  const correct = () => {
    const row = pick([...trades.values()])
    if (row) set(row, 5, row[5] * 1.01)
  }
  const restamp = () => {
    const row = pick([...trades.values()])
    if (row) set(row, 1, stamp(false))
  }
  /** The row gets another number, the highest. */
  const replace = () => {
    const row = pick([...trades.values()])
    if (!row) return
    const values = columns.map((column) => (column === 'price' ? '?' : column)).join(', ')
    const price = row[5] * 1.01
    if (transact(source, [[`INSERT OR REPLACE INTO trade_logs SELECT ${values} FROM trade_logs WHERE id = ?`, [price, row[0]]]]) === 1) row[5] = price
  }
  const retract = () => {
    const row = pick([...trades.values()])
    if (!row || transact(source, [['DELETE FROM trade_logs WHERE id = ?', [row[0]]]]) === 0) return
    trades.delete(row[0])
    retracted.add(row[0])
  }
  const finish = () => toDo.splice(below(toDo.length), 1)[0]?.()
  const acts: [number, () => void][] = [
    [0.46, trip],
    [0.5, openLeg],
    [0.57, leg],
    [0.75, finish],
    [0.82, correct],
    [0.88, restamp],
    [0.91, replace],
    [0.94, rewrite],
    [1, retract],
  ]
  const act = () => {
    const chance = random()
    acts.find(([most]) => chance < most)?.[1]()
  }
  const tidyUp = () => {
    while (toDo.length > 0) finish()
  }
  transact(source, [opening(openSymbol, openSymbol, 50)])
  return {trades, retracted, act, tidyUp}
}
