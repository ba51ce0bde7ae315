import type {SymbolExplanation} from '../archive/explain-strategy.ts'
import {plural, someOf} from './text.ts'
import type {Table} from './usage-tables.ts'

/** The run of a symbol's quantities; `closed` up to the cut, `flat` where it could be cut. */
export function explanationTable({trades, closed}: SymbolExplanation): Table {
  return {
    headers: ['TIME', 'ID', 'ACTION', 'QUANTITY', 'REASON', 'PNL', 'NET', 'OPEN', 'CLOSED'],
    rows: trades.map(({timestamp, id, action, quantity, execution_reason, pnl, net, unexited, isPossibleCut}, index) =>
      [timestamp, id, action, quantity, execution_reason, pnl, net, unexited, index < closed.rows ? 'closed' : isPossibleCut ? 'flat' : ''].map((value) =>
        String(value ?? ''),
      ),
    ),
  }
}

/** What the rule makes of it, in words. */
export function explanationLines({name, symbol, closed, kept, stuck, open, problems}: SymbolExplanation): string[] {
  return [
    closed.rows === 0 ? `No trade of ${symbol} is closed.` : `${plural(closed.rows, 'trade')} closed, up to ${closed.until}: strat archive ${name}`,
    ...kept.map(({rows, because}) => `${plural(rows, 'trade')} kept: ${because}.`),
    ...(open ? [`Open by the positions: ${open.contracts} contracts, ${open.net} net.`] : []),
    ...problems.map(({rows, because, ids}) => `${plural(rows, 'trade')} where ${because}: ${someOf(ids)}.`),
    ...(stuck ? ['Stuck: no trade to come closes them. An exit that was never written can be added to the trades by hand.'] : []),
  ]
}
