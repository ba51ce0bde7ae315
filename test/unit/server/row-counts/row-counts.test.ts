import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import Database from 'libsql'
import {describe, expect, onTestFinished} from 'vitest'
import {RowCounter} from '../../../../src/server/row-counts/row-counts.ts'
import type {LibsqlDatabase} from '../../../../src/server/sql/libsql.ts'
import {test} from '../../../helpers/test.ts'

type Value = {type: string; value?: string | number; base64?: string}
type Statement = {sql?: string; sql_id?: number; args?: Value[]; named_args?: {name: string; value: Value}[]}
type Answer = {rows_read: number; rows_written: number}
type Request = {type: string; sql?: string; sql_id?: number; stmt?: Statement; batch?: {steps: {stmt: Statement}[]}}
type Exchange = {
  request?: {body?: {baton?: string; requests?: Request[]}}
  response?: {body?: {results?: {response?: {result?: Answer & {step_results?: (Answer | null)[]}}}[]}}
}

const isCounted = (sql: string) => !/^\s*(CREATE|DROP|ALTER|PRAGMA|BEGIN|COMMIT|ROLLBACK|VACUUM|ATTACH)/i.test(sql)

type Args = unknown[] | Record<string, unknown>

/** A connection to a file, whose statements are counted as a server would. */
function counting(folder: string) {
  const database = new Database(join(folder, 'strategy.db'))
  database.exec('PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON')
  onTestFinished(() => void database.close())
  const counter = new RowCounter(database as unknown as LibsqlDatabase)
  const totals = database.prepare('SELECT changes(), total_changes()').raw()
  const prepared = new Map<string, Database.Statement>()
  const count = (sql: string, args: Args = []): [rowsRead: number, rowsWritten: number] => {
    const [[, before = 0] = []] = totals.all() as number[][]
    const statement = prepared.get(sql) ?? database.prepare(sql)
    prepared.set(sql, statement)
    if (!statement.reader) statement.run(args)
    const rows = statement.reader ? statement.raw().all(args).length : 0
    const [[changes = 0, after = 0] = []] = totals.all() as number[][]
    const {rowsRead, rowsWritten} = counter.count(statement, sql, {rows, changes, totalChanges: after - before})
    if (!isCounted(sql)) counter.forget()
    return [rowsRead, rowsWritten]
  }
  return {database, counter, count}
}

const load = (file: string) => JSON.parse(readFileSync(join(import.meta.dirname, `../../../fixtures/sqld/${file}.json`), 'utf8')) as {exchanges: Exchange[]}

const toArgument = ({type, value, base64}: Value) => {
  if (type === 'null') return null
  if (type === 'integer') return BigInt(value ?? 0)
  return type === 'blob' ? Buffer.from(base64 ?? '', 'base64') : value
}

function argumentsOf({args = [], named_args: named = []}: Statement): Args {
  if (named.length === 0) return args.map(toArgument)
  return Object.fromEntries(named.map(({name, value}) => [name.replace(/^[:@$]/, ''), toArgument(value)]))
}

/** One step of a recording: a new stream, a script, or a statement with what the real server counted. */
type Step = {stream: true} | {script: string} | {sql: string; statement: Statement; answer: Answer}

/** What the real server ran, in order; statements that failed are left out. */
function stepsOf(file: string): Step[] {
  return load(file).exchanges.flatMap(({request, response}): Step[] => {
    const stored = new Map<number | undefined, string | undefined>()
    const steps = (request?.body?.requests ?? []).flatMap((each, index): Step[] => {
      if (each.type === 'store_sql') stored.set(each.sql_id, each.sql)
      if (each.type === 'sequence') return [{script: each.sql ?? ''}]
      const result = response?.body?.results?.[index]?.response?.result
      const ran = each.batch?.steps.map(({stmt}, step) => ({stmt, answer: result?.step_results?.[step]})) ?? [{stmt: each.stmt, answer: result}]
      return ran.flatMap(({stmt, answer}) => (stmt && answer ? [{sql: stmt.sql ?? stored.get(stmt.sql_id) ?? '', statement: stmt, answer}] : []))
    })
    return request?.body?.baton ? steps : [{stream: true}, ...steps]
  })
}

/** The real server runs a script's statements each on its own, up to the first that fails when it runs; one that does not parse it leaves out. */
function runScript(database: Database.Database, script: string): void {
  for (const sql of script.split(';').filter((part) => part.trim())) {
    try {
      database.exec(sql)
    } catch (error) {
      if (!`${error}`.includes('syntax error')) return
    }
  }
}

/** Runs a recording, and gives how many statements were counted and which of them differently. */
function replay({database, counter, count}: ReturnType<typeof counting>, files: string[]) {
  const different: string[] = []
  let compared = 0
  for (const step of files.flatMap(stepsOf)) {
    // A stream that ends leaves its transaction undone.
    if ('stream' in step && database.inTransaction) database.exec('ROLLBACK')
    if ('script' in step) {
      runScript(database, step.script)
      counter.forget()
    }
    if (!('sql' in step)) continue
    const ours = count(step.sql, argumentsOf(step.statement))
    if (!isCounted(step.sql)) continue
    compared += 1
    const theirs = [step.answer.rows_read, step.answer.rows_written]
    if (`${ours}` !== `${theirs}`) different.push(`${step.sql}: ${ours} instead of ${theirs}`)
  }
  return {compared, different}
}

describe('the rows that the real server counted', () => {
  test('are counted here too, for all but one of the statements on one database', ({folder}) => {
    expect(replay(counting(folder), ['values', 'execute', 'batch', 'stream'])).toEqual({
      compared: 69,
      // A window is read through three cursors on one ephemeral table: several ways through the program have as many steps.
      different: ['SELECT id, name, n, n * 2 AS twice, count(*) OVER () FROM e: 12,0 instead of 10,0'],
    })
  })

  test('are counted here too, for what @libsql/client sends', ({folder}) => {
    expect(replay(counting(folder), ['client'])).toEqual({compared: 12, different: []})
  })
})

const tables = [
  `CREATE TABLE portfolio_state (id INTEGER PRIMARY KEY AUTOINCREMENT, capital_allocated REAL NOT NULL, free_margin REAL NOT NULL, daily_stop_loss REAL NOT NULL,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`,
  `CREATE TABLE active_positions (id TEXT PRIMARY KEY, symbol TEXT NOT NULL, strike REAL NOT NULL, option_type TEXT NOT NULL, quantity INTEGER NOT NULL,
    entry_price REAL NOT NULL, stop_loss REAL, target_price REAL, entry_time TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`,
  `CREATE TABLE trade_logs (id TEXT PRIMARY KEY, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP, symbol TEXT NOT NULL, action TEXT NOT NULL,
    quantity INTEGER NOT NULL, price REAL NOT NULL, execution_reason TEXT NOT NULL, pnl REAL)`,
]

const addLeg = 'INSERT INTO active_positions (id, symbol, strike, option_type, quantity, entry_price) VALUES (?, ?, ?, ?, ?, ?)'
const addLegs = `INSERT INTO active_positions (id, symbol, strike, option_type, quantity, entry_price)
  SELECT value ->> 'id', value ->> 'symbol', 100, 'CE', 50, 1.5 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`
const dropLegs = 'DELETE FROM active_positions WHERE id IN (SELECT value FROM json_each(?))'
const leg = (id: string, symbol = 'NIFTY') => [id, symbol, 100, 'CE', 50, 1.5]
const legs = (...ids: string[]) => [JSON.stringify(ids.map((id) => ({id, symbol: 'NIFTY'})))]
const list = (...ids: string[]) => [JSON.stringify(ids)]

/** A strategy with its capital, the legs a to d and ten trades, t0 to t9. */
function strategy(folder: string) {
  const {count, database, counter} = counting(folder)
  for (const sql of tables) database.exec(sql)
  count('INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss) VALUES (1000, 1000, 50)')
  for (const id of ['a', 'b', 'c', 'd']) count(addLeg, leg(id, id === 'd' ? 'BANKNIFTY' : 'NIFTY'))
  const trade = `INSERT INTO trade_logs (id, symbol, action, quantity, price, execution_reason, pnl) VALUES (?, 'NIFTY', 'BUY', 50, ?, ?, ?)`
  for (let i = 0; i < 10; i++) count(trade, [`t${i}`, i, i % 2 === 0 ? 'ENTRY' : 'EXPIRY', i])
  return {count, database, counter}
}

// Read and written, as the counters of libSQL 3.45.1 itself give them (libsql-ffi 0.9.30); most were derived from the bytecode by hand first.
const cases: [what: string, sql: string, args: Args, read: number, written: number][] = [
  ['a row by rowid', 'SELECT * FROM portfolio_state WHERE id = 1', [], 1, 0],
  ['no row by rowid, which is sought all the same', 'SELECT * FROM portfolio_state WHERE id = 9', [], 1, 0],
  ['the last row', 'SELECT * FROM portfolio_state ORDER BY id DESC LIMIT 1', [], 1, 0],
  ['a row by key', 'SELECT * FROM active_positions WHERE id = ?', ['a'], 1, 0],
  ['no row by key, as the key is not in the index', 'SELECT * FROM active_positions WHERE id = ?', ['x'], 0, 0],
  ['a full scan', 'SELECT * FROM active_positions', [], 4, 0],
  ['a full scan of an empty table', 'SELECT * FROM trade_logs WHERE id > ? AND false', ['a'], 0, 0],
  ['a filtered scan', "SELECT * FROM active_positions WHERE symbol = 'BANKNIFTY'", [], 4, 0],
  ['a scan that a LIMIT ends', 'SELECT * FROM active_positions LIMIT 2', [], 2, 0],
  ['a sorted scan, read twice', 'SELECT * FROM active_positions ORDER BY entry_time, strike', [], 8, 0],
  ['a range of keys to the end of the index', "SELECT * FROM active_positions WHERE id >= 'c'", [], 2, 0],
  ['a range of keys, and the one that ends it', "SELECT * FROM active_positions WHERE id >= 'a' AND id < 'c'", [], 3, 0],
  ['a count, in pages', 'SELECT count(*) FROM trade_logs', [], 1, 0],
  ['a sum over a filter', "SELECT sum(pnl) FROM trade_logs WHERE execution_reason <> 'ENTRY'", [], 10, 0],
  ['groups, sorted before', 'SELECT execution_reason, count(*) FROM trade_logs GROUP BY 1', [], 20, 0],
  ['some keys, each with the entry after it', "SELECT * FROM active_positions WHERE id IN ('a', 'c', 'x')", [], 7, 0],
  ['a join by key', 'SELECT * FROM trade_logs AS t JOIN active_positions AS p ON p.id = t.symbol', [], 10, 0],
  ['no table', 'SELECT 1', [], 0, 0],
  ['a plan', 'EXPLAIN QUERY PLAN SELECT * FROM trade_logs', [], 0, 0],
  ['an insert by text key: table and index', addLeg, leg('e'), 0, 2],
  ['one by rowid, and its sequence', 'INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss) VALUES (1, 2, 3)', [], 1, 2],
  ['a refused insert', `${addLeg} ON CONFLICT DO NOTHING`, leg('a'), 0, 0],
  ['an insert that returns', `${addLeg} ON CONFLICT DO NOTHING RETURNING id`, leg('e'), 1, 2],
  ['a refused insert that returns', `${addLeg} ON CONFLICT DO NOTHING RETURNING id`, leg('a'), 1, 0],
  [
    'many rows, of which one is refused',
    `${addLeg}, (?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    [...leg('a'), ...leg('e'), ...leg('f')],
    0,
    4,
  ],
  ['many from JSON', addLegs, legs('e', 'f', 'g'), 3, 6],
  ['many from JSON, of which two are refused', addLegs, legs('e', 'a', 'b'), 3, 2],
  ['many from JSON, all refused', addLegs, legs('a', 'b'), 2, 0],
  ['none from JSON', addLegs, legs(), 0, 0],
  ['many from JSON, twice the same', addLegs, legs('e', 'e', 'f'), 3, 4],
  ['many from JSON that return', `${addLegs} RETURNING id`, legs('e', 'f', 'a'), 8, 4],
  ['an update of a capital', 'UPDATE portfolio_state SET free_margin = 1 WHERE id = 1', [], 1, 1],
  ['an upsert of a capital', 'INSERT INTO portfolio_state VALUES (1, 1, 1, 1, 1) ON CONFLICT (id) DO UPDATE SET free_margin = 2', [], 2, 1],
  ['an update by key', "UPDATE active_positions SET stop_loss = 1 WHERE id = 'a'", [], 1, 1],
  ['an update by key of nothing', "UPDATE active_positions SET stop_loss = 1 WHERE id = 'x'", [], 0, 0],
  ['an update of a scan', "UPDATE active_positions SET stop_loss = 1 WHERE symbol = 'NIFTY'", [], 4, 3],
  ['a delete by key', "DELETE FROM active_positions WHERE id = 'a'", [], 1, 1],
  ['a delete by key of nothing', "DELETE FROM active_positions WHERE id = 'x'", [], 0, 0],
  ['a delete by JSON', dropLegs, list('a', 'b'), 10, 2],
  ['a delete by JSON, the last key of the index too', dropLegs, list('a', 'd', 'x'), 11, 2],
  ['a delete by JSON of nothing', dropLegs, list('x', 'y'), 4, 0],
  ['a delete by JSON that returns', `${dropLegs} RETURNING id`, list('a', 'd', 'x'), 13, 2],
  ['a delete by an empty JSON', dropLegs, list(), 1, 0],
  ['a delete of everything', 'DELETE FROM trade_logs', [], 0, 10],
]

describe('rows read and written', () => {
  test.for(cases)('of %s', ([, sql, args, read, written], {folder}) => {
    expect(strategy(folder).count(sql, args)).toEqual([read, written])
  })

  test('are those of one run, however often the statement ran before', ({folder}) => {
    const {count} = strategy(folder)
    const scan = 'SELECT * FROM active_positions ORDER BY symbol'
    expect([count(scan), count(scan), count(addLeg, leg('e')), count(scan)]).toEqual([
      [8, 0],
      [8, 0],
      [0, 2],
      [10, 0],
    ])
  })

  test('of hundreds of rows from JSON are as exact', ({folder}) => {
    const {count, database, counter} = strategy(folder)
    const ids = (from: number, to: number) => Array.from({length: to - from}, (_, index) => `k${from + index}`)
    const added = [count(addLegs, legs(...ids(0, 300))), count(addLegs, legs(...ids(200, 500)))]
    expect(added).toEqual([
      [300, 600],
      [300, 400],
    ])
    // The list twice (as JSON and sorted), each key that is found and the entry after it, and each row that goes.
    expect(count(dropLegs, list(...ids(480, 600)))).toEqual([300, 20])
    database.exec('CREATE TABLE w (id TEXT PRIMARY KEY) WITHOUT ROWID')
    counter.forget()
    expect(count('INSERT INTO w SELECT value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING', list(...ids(0, 300)))).toEqual([300, 300])
    expect(count('DELETE FROM w WHERE id IN (SELECT value FROM json_each(?))', list(...ids(270, 400)))).toEqual([350, 30])
  })

  test('of hundreds of rows through a trigger, and with conditions on their values, are as exact where all go the same way', ({folder}) => {
    const {count, database, counter} = strategy(folder)
    database.exec(`CREATE TABLE batches (id TEXT PRIMARY KEY, sealed_at TEXT); INSERT INTO batches VALUES ('b', NULL);
      CREATE TABLE archived (source TEXT, id TEXT, price REAL, batch TEXT, PRIMARY KEY (source, id)) WITHOUT ROWID;
      CREATE TRIGGER sealed BEFORE INSERT ON archived WHEN EXISTS (SELECT 1 FROM archived AS old JOIN batches ON batches.id = old.batch
        WHERE old.source = NEW.source AND old.id = NEW.id AND sealed_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'sealed'); END`)
    counter.forget()
    const ids = (from: number, to: number) => list(...Array.from({length: to - from}, (_, index) => `k${String(from + index).padStart(5, '0')}`))
    const add = "INSERT INTO archived SELECT 's', value, 1.5, 'b' FROM json_each(?) WHERE true ON CONFLICT DO NOTHING"
    // From JSON into a table of the statement's own, since a trigger could change what is read, and from there.
    expect([count(add, ids(0, 10)), count(add, ids(10, 1000))]).toEqual([
      [20, 10],
      [1980, 990],
    ])
    const shown = (column: string) => `iif(typeof(${column}) = 'integer' AND ${column} NOT BETWEEN -9 AND 9, CAST(${column} AS TEXT), ${column})`
    const find = `SELECT wanted.value, ${shown('price')}, ${shown('batch')} FROM json_each(?) AS wanted CROSS JOIN archived AS a
      WHERE a.source = 's' AND a.id = wanted.value`
    expect([count(find, ids(0, 50)), count(find, ids(0, 1000)), count(find, ids(500, 900))]).toEqual([
      [100, 0],
      [2000, 0],
      [800, 0],
    ])
  })

  test('follow the schema, also where it is not committed', ({folder}) => {
    const {count, database, counter} = strategy(folder)
    const bySymbol = "SELECT * FROM active_positions WHERE symbol = 'BANKNIFTY'"
    expect(count(bySymbol)).toEqual([4, 0])
    database.exec('BEGIN; CREATE INDEX positions_by_symbol ON active_positions (symbol); CREATE TABLE made (x)')
    counter.forget()
    expect([count(bySymbol), count('INSERT INTO made VALUES (1)'), count(addLeg, leg('e'))]).toEqual([
      [2, 0],
      [0, 1],
      [0, 3],
    ])
    database.exec('ROLLBACK')
  })

  test('count the pages of a table with many, and none of an empty one', ({folder}) => {
    const {count, database} = strategy(folder)
    database.exec(`INSERT INTO trade_logs SELECT 'x' || value, 1, hex(zeroblob(400)), 'BUY', 1, 1, 'ENTRY', 0 FROM generate_series(1, 100)`)
    database.exec('DELETE FROM active_positions')
    const [[pages] = []] = database.prepare("SELECT count(*) FROM dbstat WHERE name = 'sqlite_autoindex_trade_logs_1'").raw().all() as number[][]
    expect(count('SELECT count(*) FROM trade_logs')).toEqual([pages, 0])
    expect(count('SELECT count(*) FROM active_positions')).toEqual([0, 0])
  })

  test('of a WITHOUT ROWID table are one a row, and a delete is one whatever the indexes', ({folder}) => {
    const {count, database, counter} = strategy(folder)
    database.exec('CREATE TABLE w (id TEXT PRIMARY KEY, x) WITHOUT ROWID; CREATE TABLE i (id TEXT PRIMARY KEY, x, y); CREATE INDEX i_x ON i (x)')
    counter.forget()
    const added = [count("INSERT INTO w VALUES ('a', 1)"), count("INSERT INTO i VALUES ('a', 1, 2)")]
    const deleted = [count("DELETE FROM w WHERE id = 'a'"), count("DELETE FROM i WHERE id = 'a'")]
    expect([...added, ...deleted].map(([, written]) => written)).toEqual([1, 3, 1, 1])
  })

  test('leave transactions and savepoints free to end', ({folder}) => {
    const {count, database} = strategy(folder)
    database.exec('BEGIN')
    count("UPDATE active_positions SET stop_loss = 3 WHERE symbol = 'NIFTY'")
    database.exec('SAVEPOINT here; RELEASE here; COMMIT')
    expect(database.inTransaction).toBe(false)
  })

  test('are at least what shows, of a statement that is too large to work out', ({folder}) => {
    const {count} = strategy(folder)
    const large = `SELECT * FROM trade_logs WHERE ${Array.from({length: 400}, (_, price) => `price = ${price} AND quantity <> ${price}`).join(' OR ')}`
    expect(count(large)).toEqual([10, 0])
  })
})
