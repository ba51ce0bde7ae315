import {usingDatabase} from '../database/connect.ts'
import {StratError} from '../errors.ts'
import {selectDatabases} from '../fleet/select.ts'
import {nearest} from '../nearest.ts'
import type {Permission, Platform} from '../platform/platform.ts'
import type {Access} from './access.ts'
import type {Opened} from './archiving.ts'
import {closedRule, type RuleInput} from './closed-selection.ts'
import {explainSymbol} from './explain.ts'
import {type KeptReason, keptReasons} from './kept-reasons.ts'
import type {LoggedTrade} from './logged-trade.ts'
import {readSource} from './read-source.ts'
import {scanSource} from './scan.ts'
import {rowsOf, type Spool, symbolsIn, toLogged, usingSpool} from './spool.ts'
import {readTimestamp} from './timestamps.ts'

export type ExplainDependencies = {
  platform: Pick<Platform, 'listDatabases'>
  access: Access
  market: RuleInput['market']
}

export type ExplainInput = {name: string; symbol: string; lenient: boolean}

/**
 * Why the trades of a symbol stay, or go. `net` is what is bought less sold up to a trade, `unexited` what of the entries is not exited; null where
 * sums mean nothing. `isPossibleCut`: up to here all is closed, unless what is open now keeps it. `open`: what is open by the positions.
 */
export type SymbolExplanation = {
  name: string
  symbol: string
  trades: (Omit<LoggedTrade, 'symbol' | 'odd'> & {net: number | null; unexited: number | null; isPossibleCut: boolean})[]
  /** How many of them, from the first on, are closed, and the last timestamp of these. */
  closed: {rows: number; until: string | null}
  kept: {rows: number; reason: KeptReason; because: string}[]
  stuck: boolean
  open: {contracts: number; net: number} | null
  /** The trades that are not as a bot should write them: up to ten ids for each reason. */
  problems: {reason: KeptReason; because: string; rows: number; ids: string[]}[]
}

const permissions: Permission[] = [{tables: ['trade_logs', 'active_positions', 'strat_meta'], actions: ['data_read']}]

/**
 * Explains what the closed rule makes of one symbol of a strategy. Reads all of its trades, as archiving does, and writes nothing.
 *
 * @throws StratError SYMBOL_UNKNOWN, those of `selectDatabases` and of `readSource`
 */
export async function explainStrategy({platform, access, market}: ExplainDependencies, input: ExplainInput): Promise<SymbolExplanation> {
  const [database] = await selectDatabases(platform, {names: [input.name], all: false})
  if (!database) throw new TypeError(`${input.name} was not selected`)
  return usingDatabase(await access(database, permissions, {readOnly: true}), async (source) => {
    const {positions} = await readSource(source)
    return usingSpool((spool) => explainIn(spool, source, {...input, market, positions}))
  })
}

async function explainIn(spool: Spool, source: Opened, {name, symbol, ...input}: ExplainInput & RuleInput): Promise<SymbolExplanation> {
  const {now} = await scanSource(source, spool, (timestamp) => readTimestamp(timestamp)?.instant ?? null)
  // Whether rows are late is of no account to whether they are closed.
  const rule = closedRule(input, {now, archivedUntil: () => undefined})
  const steps = explainSymbol(symbol, tradesOf(spool, symbol), rule)
  const trades: SymbolExplanation['trades'] = []
  for (let step = steps.next(); ; step = steps.next()) {
    if (!step.done) {
      const {row, ...sums} = step.value
      trades.push({...withoutSymbol(row), ...sums})
      continue
    }
    if (trades.length === 0) throw unknown(spool, name, symbol)
    const {cut, kept, stuck, problems} = step.value
    return {
      name,
      symbol,
      trades,
      closed: {rows: cut?.rows ?? 0, until: cut ? String(cut.timestamp) : null},
      kept: kept.map(({rows, reason}) => ({rows, reason, because: keptReasons[reason]})),
      stuck,
      open: rule.openQuantityOf(symbol) ?? null,
      problems: problems.map(({reason, rows, first}) => ({reason, because: keptReasons[reason], rows, ids: first.map(({id}) => String(id))})),
    }
  }
}

const withoutSymbol = ({symbol: _, odd: __, ...rest}: LoggedTrade) => rest

function* tradesOf(spool: Spool, symbol: string): Generator<LoggedTrade> {
  for (const row of rowsOf(spool, 'SELECT * FROM row WHERE symbol = ? ORDER BY instant, rowid', symbol)) yield toLogged(row)
}

function unknown(spool: Spool, name: string, symbol: string): StratError {
  const known = symbolsIn(spool)
  const similar = nearest(symbol, known)
  return new StratError('SYMBOL_UNKNOWN', `${name} has no trades of ${symbol}.`, {
    suggestions: similar.length > 0 ? similar : known.slice(0, 10),
  })
}
