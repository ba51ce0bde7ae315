import {type Kysely, sql} from 'kysely'

// As plain SQL: Kysely's builder writes types in lower case, and `PRAGMA table_xinfo` would show it.

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE portfolio_state (id INTEGER PRIMARY KEY AUTOINCREMENT, capital_allocated REAL NOT NULL, free_margin REAL NOT NULL, daily_stop_loss REAL NOT NULL, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`.execute(
    db,
  )
  await sql`CREATE TABLE active_positions (id TEXT PRIMARY KEY /* UUID */, symbol TEXT NOT NULL, strike REAL NOT NULL, option_type TEXT NOT NULL /* CE | PE */, quantity INTEGER NOT NULL, entry_price REAL NOT NULL, stop_loss REAL, target_price REAL, entry_time TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`.execute(
    db,
  )
  await sql`CREATE TABLE trade_logs (id TEXT PRIMARY KEY /* UUID */, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP, symbol TEXT NOT NULL, action TEXT NOT NULL /* BUY | SELL */, quantity INTEGER NOT NULL, price REAL NOT NULL, execution_reason TEXT NOT NULL /* ENTRY | STOP_LOSS_LEG | DAILY_SL_EXIT | EXPIRY */, pnl REAL)`.execute(
    db,
  )
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['trade_logs', 'active_positions', 'portfolio_state']) await db.schema.dropTable(table).execute()
}
