// node bench/histories.ts --seed 1 .strat/stage-condor.db .strat/stage-butterfly.db: a year of weekly positions in each strategy's database,
// and one that is open.
import {basename} from 'node:path'
import {parseArgs} from 'node:util'
import {openLibsql} from '../src/server/sql/libsql.ts'
import {type HeldPosition, type HistoryOptions, positionsOf} from './history.ts'

/** Writes a history into a strategy's file, as its bot would have over the year; returns how many trades that are. */
export function writeHistory(file: string, options: HistoryOptions): number {
  const database = openLibsql(file)
  let trades = 0
  try {
    const write = writer(database)
    database.exec('BEGIN IMMEDIATE')
    for (const position of positionsOf(options)) {
      write(position)
      trades += position.trades.length
    }
    database.exec('COMMIT')
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    database.close()
  }
  return trades
}

function writer(database: ReturnType<typeof openLibsql>): (position: HeldPosition) => void {
  const insertTrade = database.prepare('INSERT INTO trade_logs VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const insertLeg = database.prepare(
    'INSERT INTO active_positions (id, symbol, strike, option_type, quantity, entry_price, entry_time) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const insertCapital = database.prepare(`INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss, updated_at)
    SELECT capital_allocated, round(free_margin + ?, 4), daily_stop_loss, ? FROM portfolio_state ORDER BY id DESC LIMIT 1`)
  return ({legs, trades, margin, isOpen}) => {
    for (const trade of trades) insertTrade.run(trade)
    if (isOpen) for (const {id, symbol, strike, optionType, quantity, price, at} of legs) insertLeg.run([id, symbol, strike, optionType, quantity, price, at])
    for (const {at, change} of margin) insertCapital.run([change, at])
  }
}

if (import.meta.main) {
  const {values, positionals} = parseArgs({options: {seed: {type: 'string', default: '1'}}, allowPositionals: true})
  for (const [index, file] of positionals.entries()) {
    const kind = basename(file).includes('butterfly') ? 'butterfly' : 'condor'
    const trades = writeHistory(file, {kind, seed: Number(values.seed) + index, isOpen: true})
    console.log(`${file}: ${trades} trades of a ${kind}, seed ${Number(values.seed) + index}`)
  }
}
