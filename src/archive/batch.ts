import type {MovingRow} from './archiving.ts'
import {hashRow, type Source} from './canonical.ts'
import {rowsOf, type Spool} from './spool.ts'

/** The rows of some pieces; `piece` is the last of them. */
export type PlannedBatch = {rows: MovingRow[]; piece: number}

/** A batch takes pieces until it has this many rows or characters; one that is larger than `most` alone fits no request and is passed over. */
const enough = {rows: 1000, characters: 1_000_000}
const most = {rows: 5000, characters: 1_500_000}

export type BatchLimits = {
  /** The piece that the batch before ended with. */
  after: number
  /** No more rows than this. */
  maxRows: number
  /** Symbols that are left alone. */
  without: ReadonlySet<string>
}

/** What comes next: a batch; pieces that are too large for one; `full` if the next piece has more rows than are allowed; nothing. */
export type Next = {kind: 'batch'; batch: PlannedBatch} | {kind: 'large'; piece: number; symbol: string} | {kind: 'full'} | {kind: 'end'}

/** Takes the next batch of what is planned out of the spool. */
export function nextBatch(spool: Spool, from: Source, {after, maxRows, without}: BatchLimits): Next {
  const rows: MovingRow[] = []
  let characters = 0
  let piece = after
  for (const next of piecesAfter(spool, after)) {
    if (without.has(next.symbol)) continue
    const isLarge = next.rows > most.rows || next.characters > most.characters
    if (isLarge && rows.length === 0) return {kind: 'large', piece: next.piece, symbol: next.symbol}
    const isTooMuch = isLarge || (rows.length > 0 && (rows.length + next.rows > enough.rows || characters + next.characters > enough.characters))
    if (rows.length + next.rows > maxRows && rows.length === 0) return {kind: 'full'}
    if (isTooMuch || rows.length + next.rows > maxRows) break
    rows.push(...rowsOfPiece(spool, from, next.piece))
    characters += next.characters
    piece = next.piece
  }
  return rows.length > 0 ? {kind: 'batch', batch: {rows, piece}} : {kind: 'end'}
}

type Piece = {piece: number; symbol: string; rows: number; characters: number}

/** One query for each piece: while a query that goes on has read, nothing could be written. */
function* piecesAfter(spool: Spool, after: number): Generator<Piece> {
  const select = spool.prepare(`SELECT piece, min(symbol) AS symbol, count(*) AS rows, sum(length(json)) AS characters
    FROM moved JOIN row ON row.rowid = moved.rowid WHERE piece = (SELECT min(piece) FROM moved WHERE piece > ?) GROUP BY piece`)
  for (let piece = after; ; ) {
    const next = spool.prepare('SELECT min(piece) AS piece FROM moved WHERE piece > ?').get(piece)?.['piece']
    if (next === null || next === undefined) return
    const found = select.get(piece)
    piece = Number(next)
    // Its rows are gone: somebody else has moved them.
    if (found) yield {piece, symbol: String(found['symbol']), rows: Number(found['rows']), characters: Number(found['characters'])}
  }
}

function rowsOfPiece(spool: Spool, from: Source, piece: number): MovingRow[] {
  const query = 'SELECT row.* FROM moved JOIN row ON row.rowid = moved.rowid WHERE piece = ? ORDER BY row.instant, row.rowid'
  return [...rowsOf(spool, query, piece)].map(({rowid, id, symbol, json}) => ({rowid, id, symbol, json, sha256: hashRow(from, json)}))
}
