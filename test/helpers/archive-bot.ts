import {insertTrades, type Served, type Trade, write} from './archive-pair.ts'

/** What a bot has written: each of its trades as it is now, and those that it took back. */
export type Bot = {trades: Map<string, Trade>; retracted: Set<string>; act: () => void; symbols: string[]}

/** Trades older than this are archived, by the rule of the simulation. */
export const today = '2026-06-01'

/** This symbol's legs are never closed. */
export const openSymbol = 'OPEN'

const symbols = ['NIFTY', 'BANKNIFTY', 'FINNIFTY']
const reasons = ['STOP_LOSS_LEG', 'DAILY_SL_EXIT', 'EXPIRY']

/** A bot that trades, in random order: old and new round trips, late and same-second rows, legs that stay open, corrections, retractions. */
export function makeBot(source: Served, random: () => number): Bot {
  const trades = new Map<string, Trade>()
  const retracted = new Set<string>()
  let count = 0
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const stamp = (isNew: boolean) => {
    const two = (most: number) => String(1 + Math.floor(random() * most)).padStart(2, '0')
    return `${isNew ? today : `2026-05-${two(8)}`} 10:00:${two(5)}`
  }
  const trade = (symbol: string, timestamp: string, isBuy: boolean, quantity: number, isEntry: boolean): Trade => {
    count += 1
    const pnl = isEntry ? null : (random() - 0.5) * 1e4
    return [`${symbol}-${count}-é😀`, timestamp, symbol, isBuy ? 'BUY' : 'SELL', quantity, random() * 500, isEntry ? 'ENTRY' : pick(reasons), pnl]
  }
  const insert = (list: Trade[]) => {
    insertTrades(source, list)
    for (const row of list) trades.set(row[0], row)
  }
  const trip = () => {
    const [symbol, quantity, isBuy] = [pick(symbols), 25 * (1 + Math.floor(random() * 3)), random() < 0.5]
    const isNew = random() < 0.2
    const [from, to] = [stamp(isNew), stamp(isNew)].sort() as [string, string]
    const exits = random() < 0.3 ? [quantity - 20, 20] : [quantity]
    insert([trade(symbol, from, isBuy, quantity, true), ...exits.map((part) => trade(symbol, to, !isBuy, part, false))])
  }
  const openLeg = () => insert([trade(openSymbol, stamp(false), random() < 0.5, 50, true)])
  const lateLeg = () => insert([trade(pick(symbols), stamp(false), random() < 0.5, 25, true)])
  const correct = () => {
    const row = pick([...trades.values()])
    if (!row) return
    const price = row[5] * 1.01
    if (write(source, 'UPDATE trade_logs SET price = ? WHERE id = ?', [price, row[0]]) === 1) row[5] = price
  }
  const retract = () => {
    const row = pick([...trades.values()])
    if (!row || write(source, 'DELETE FROM trade_logs WHERE id = ?', [row[0]]) === 0) return
    trades.delete(row[0])
    retracted.add(row[0])
  }
  const act = () => {
    const chance = random()
    if (chance < 0.6) trip()
    else if (chance < 0.7) openLeg()
    else if (chance < 0.8) lateLeg()
    else if (chance < 0.93) correct()
    else retract()
  }
  return {trades, retracted, act, symbols}
}
