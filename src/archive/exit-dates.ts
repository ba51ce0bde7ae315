/** A trade in a symbol of one source; its `date` is the market's. */
export type DatedTrade = {rowid: number; group: string; date: string; isEntry: boolean; action: string; quantity: unknown}

/** By which exit a trade counts; null: nothing has closed it. */
export type ExitDate = {rowid: number; exitDate: string | null}

type Open = {rowid: number; left: number}

/**
 * Finds out with which exit each trade belongs. An exit belongs to its own date, and an entry to the date of the exit that closed the last of
 * it: in each group an exit closes entries of the other side, first in, first out.
 *
 * @param trades group by group; in a group in order of time, at one instant entries first
 */
export function* exitDates(trades: Iterable<DatedTrade>): Generator<ExitDate> {
  const open: {BUY: Open[]; SELL: Open[]} = {BUY: [], SELL: []}
  let group: string | undefined
  for (const trade of trades) {
    if (trade.group !== group) yield* neverClosed(open)
    group = trade.group
    const {rowid, date, isEntry, action, quantity} = trade
    const isPlain = (action === 'BUY' || action === 'SELL') && typeof quantity === 'number' && quantity > 0
    if (!isEntry) yield {rowid, exitDate: date}
    else if (!isPlain) yield {rowid, exitDate: null}
    if (!isPlain) continue
    if (isEntry) open[action].push({rowid, left: quantity})
    else yield* close(open[action === 'BUY' ? 'SELL' : 'BUY'], quantity, date)
  }
  yield* neverClosed(open)
}

function* close(entries: Open[], quantity: number, exitDate: string): Generator<ExitDate> {
  let left = quantity
  for (let first = entries[0]; first && left > 0; first = entries[0]) {
    const closed = Math.min(first.left, left)
    first.left -= closed
    left -= closed
    if (first.left > 0) return
    entries.shift()
    yield {rowid: first.rowid, exitDate}
  }
}

function* neverClosed({BUY, SELL}: {BUY: Open[]; SELL: Open[]}): Generator<ExitDate> {
  for (const {rowid} of [...BUY.splice(0), ...SELL.splice(0)]) yield {rowid, exitDate: null}
}
