/** A trade in a symbol of one source; its `date` is the market's. */
export type DatedTrade = {rowid: number; group: string; date: string; isEntry: boolean; action: string; quantity: unknown}

/** By which exit a trade counts; null: nothing has closed it. */
export type ExitDate = {rowid: number; exitDate: string | null}

type Open = {rowid: number; left: number}

/** The entries that nothing has closed yet, in order; those before `first` are closed. */
type Queue = {entries: Open[]; first: number}

/**
 * Finds out with which exit each trade belongs. An exit belongs to its own date, and an entry to the date of the exit that closed the last of
 * it: in each group an exit closes entries of the other side, first in, first out.
 *
 * @param trades group by group; in a group in order of time, at one instant entries first
 */
export function* exitDates(trades: Iterable<DatedTrade>): Generator<ExitDate> {
  const open: Record<'BUY' | 'SELL', Queue> = {BUY: {entries: [], first: 0}, SELL: {entries: [], first: 0}}
  let group: string | undefined
  for (const trade of trades) {
    if (trade.group !== group) yield* neverClosed(open)
    group = trade.group
    const {rowid, date, isEntry, action, quantity} = trade
    const isPlain = (action === 'BUY' || action === 'SELL') && typeof quantity === 'number' && quantity > 0
    if (!isEntry) yield {rowid, exitDate: date}
    else if (!isPlain) yield {rowid, exitDate: null}
    if (!isPlain) continue
    if (isEntry) open[action].entries.push({rowid, left: quantity})
    else yield* close(open[action === 'BUY' ? 'SELL' : 'BUY'], quantity, date)
  }
  yield* neverClosed(open)
}

function* close(queue: Queue, quantity: number, exitDate: string): Generator<ExitDate> {
  let left = quantity
  for (let entry = queue.entries[queue.first]; entry && left > 0; entry = queue.entries[queue.first]) {
    const closed = Math.min(entry.left, left)
    entry.left -= closed
    left -= closed
    if (entry.left > 0) break
    queue.first += 1
    yield {rowid: entry.rowid, exitDate}
  }
  // What is closed is let go of now and then: to take each from the front would move all the others.
  if (queue.first > queue.entries.length / 2) {
    queue.entries.splice(0, queue.first)
    queue.first = 0
  }
}

function* neverClosed({BUY, SELL}: Record<'BUY' | 'SELL', Queue>): Generator<ExitDate> {
  for (const queue of [BUY, SELL]) {
    for (const {rowid} of queue.entries.splice(queue.first)) yield {rowid, exitDate: null}
    queue.entries = []
    queue.first = 0
  }
}
