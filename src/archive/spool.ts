import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {hasCode} from '../errors.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import {ownPrefix, removeLeftovers} from './leftovers.ts'
import type {LoggedTrade, OddPart} from './logged-trade.ts'
import {fromRowJson, tradeColumns} from './trade-row.ts'

/** A row as it is kept: its number in the source, its symbol if that is a text, the instant that it is sorted by, its JSON by `toRowJson`, and what keeps it from being moved, if anything. */
export type SpooledRow = {rowid: number; id: string; symbol: string | null; instant: string | number | null; json: string; odd: OddPart | null}

/** A temporary SQLite file with the rows of one scan, so that memory stays flat however many they are. */
export type Spool = DatabaseSync

const schema = `
  PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2000; PRAGMA temp_store = FILE;
  CREATE TABLE row (rowid INTEGER PRIMARY KEY, id TEXT, symbol TEXT, instant, json TEXT NOT NULL, odd TEXT);
  CREATE TABLE closed (symbol TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE moved (piece INTEGER NOT NULL, rowid INTEGER NOT NULL, PRIMARY KEY (piece, rowid)) WITHOUT ROWID;
  CREATE TABLE staying (symbol TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (symbol, number)) WITHOUT ROWID;`

const prefix = 'strat-archive-'

/** Lends an empty spool that nobody else can read, and removes it afterwards, with those that crashed runs have left. */
export async function usingSpool<T>(use: (spool: Spool) => Promise<T>, {folder = tmpdir()} = {}): Promise<T> {
  const own = await translatingStorageErrors(folder, async () => {
    await removeLeftovers(folder, prefix)
    // Its mode is 0700.
    return mkdtemp(join(folder, ownPrefix(prefix)))
  })
  try {
    const file = join(own, 'spool.db')
    await writeFile(file, '', {mode: 0o600})
    const spool = new DatabaseSync(file)
    try {
      spool.exec(schema)
      return await use(spool).catch((error) => blamingFolder(folder, error))
    } finally {
      spool.close()
    }
  } finally {
    await rm(own, {recursive: true, force: true})
  }
}

/** What fails in the spool is said of its folder; everything else passes. */
const blamingFolder = (folder: string, error: unknown) =>
  hasCode(error, 'ERR_SQLITE_ERROR') ? translatingStorageErrors(folder, () => Promise.reject(error)) : Promise.reject(error)

/** Keeps rows, all of them or none. */
export function keep(spool: Spool, rows: SpooledRow[]): void {
  const insert = spool.prepare('INSERT INTO row (rowid, id, symbol, instant, json, odd) VALUES (?, ?, ?, ?, ?, ?)')
  spool.exec('BEGIN')
  for (const {rowid, id, symbol, instant, json, odd} of rows) insert.run(rowid, id, symbol, instant, json, odd)
  spool.exec('COMMIT')
}

/** Lets the rows be read in order of time without sorting them each time, when all are kept. */
export const inOrder = (spool: Spool): void => spool.exec('CREATE INDEX row_by_time ON row (symbol, instant)')

/** The symbols of all rows that are kept, those aside that are no text. */
export const symbolsIn = (spool: Spool): string[] =>
  spool
    .prepare('SELECT DISTINCT symbol FROM row WHERE symbol IS NOT NULL')
    .all()
    .map((row) => String(row['symbol']))

/** Forgets rows that are no longer in the source. */
export function forget(spool: Spool, rowids: number[]): void {
  const remove = spool.prepare('DELETE FROM row WHERE rowid = ?')
  spool.exec('BEGIN')
  for (const rowid of rowids) remove.run(rowid)
  spool.exec('COMMIT')
}

/** A kept row as the server returned it. */
export const toLogged = ({symbol, json, odd}: SpooledRow): LoggedTrade => ({
  ...fromRowJson(json),
  symbol,
  ...(odd && {odd}),
  ...(odd === 'timestamp' && {timestamp: undefined}),
})

/** The rows that a query returns, one by one; its columns are those of `row`. */
export function* rowsOf(spool: Spool, query: string, ...args: (string | number)[]): Generator<SpooledRow> {
  for (const row of spool.prepare(query).iterate(...args)) yield toSpooled(row)
}

function toSpooled({rowid, id, symbol, instant, json, odd}: Record<string, unknown>): SpooledRow {
  const key = typeof instant === 'string' || typeof instant === 'number' ? instant : null
  return {rowid: Number(rowid), id: String(id), symbol: symbol === null ? null : String(symbol), instant: key, json: String(json), odd: toOdd(odd)}
}

/** As `oddColumn` names it, or the scan. */
export const toOdd = (value: unknown): OddPart | null => [...tradeColumns, 'row' as const].find((part) => part === value) ?? null
