import type {MovingRow} from './archiving.ts'
import {hashRow, type Source} from './canonical.ts'
import {largestRow} from './scan.ts'
import {rowsOf, type Spool} from './spool.ts'

/** The rows of some pieces; `piece` is the last of them. */
export type PlannedBatch = {rows: MovingRow[]; piece: number}

/** A batch takes pieces until it has this many rows or bytes; one that is larger than `most` alone fits no request and is passed over. */
const enough = {rows: 1000, bytes: 1_000_000}
const most = {rows: 5000, bytes: largestRow}

export type BatchLimits = {
  /** The piece that the batch before ended with. */
  after: number
  /** No more rows than this. */
  maxRows: number
  /** Symbols that are left alone. */
  without: ReadonlySet<string>
}

/** What comes next: a batch; a piece that fits no batch (`large`), or has more rows than are allowed (`full`); nothing. */
export type Next = {kind: 'batch'; batch: PlannedBatch} | {kind: 'large' | 'full'; piece: number; symbol: string; rows: number} | {kind: 'end'}

/** Takes the next batch of what is planned out of the spool. */
export function nextBatch(spool: Spool, from: Source, {after, maxRows, without}: BatchLimits): Next {
  const rows: MovingRow[] = []
  let bytes = 0
  let piece = after
  for (const next of piecesAfter(spool, after)) {
    if (without.has(next.symbol)) continue
    const isLarge = next.rows > most.rows || next.bytes > most.bytes
    const isFull = rows.length + next.rows > maxRows
    if (rows.length === 0 && (isLarge || isFull)) return {kind: isLarge ? 'large' : 'full', piece: next.piece, symbol: next.symbol, rows: next.rows}
    const isEnough = rows.length > 0 && (rows.length + next.rows > enough.rows || bytes + next.bytes > enough.bytes)
    if (isLarge || isFull || isEnough) break
    rows.push(...rowsOfPiece(spool, from, next.piece))
    bytes += next.bytes
    piece = next.piece
  }
  return rows.length > 0 ? {kind: 'batch', batch: {rows, piece}} : {kind: 'end'}
}

type Piece = {piece: number; symbol: string; rows: number; bytes: number}

/** One query for each piece: while a query that goes on has read, nothing could be written. */
function* piecesAfter(spool: Spool, after: number): Generator<Piece> {
  const select = spool.prepare(`SELECT piece, min(symbol) AS symbol, count(*) AS rows, sum(octet_length(json)) AS bytes
    FROM moved JOIN row ON row.rowid = moved.rowid WHERE piece = (SELECT min(piece) FROM moved WHERE piece > ?) GROUP BY piece`)
  for (let piece = after; ; ) {
    const next = spool.prepare('SELECT min(piece) AS piece FROM moved WHERE piece > ?').get(piece)?.['piece']
    if (next === null || next === undefined) return
    const found = select.get(piece)
    piece = Number(next)
    // Its rows are gone: somebody else has moved them.
    if (found) yield {piece, symbol: String(found['symbol']), rows: Number(found['rows']), bytes: Number(found['bytes'])}
  }
}

function rowsOfPiece(spool: Spool, from: Source, piece: number): MovingRow[] {
  const query = 'SELECT row.* FROM moved JOIN row ON row.rowid = moved.rowid WHERE piece = ? ORDER BY row.instant, row.rowid'
  return [...rowsOf(spool, query, piece)].map(({rowid, id, symbol, json}) => ({rowid, id, symbol: symbol ?? '', json, sha256: hashRow(from, json)}))
}
