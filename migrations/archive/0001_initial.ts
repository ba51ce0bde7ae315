import {type Kysely, sql} from 'kysely'

// One row for each trade of each strategy, and one for each batch in which they came. Rows of a sealed batch never change:
// the triggers refuse it, also for INSERT OR REPLACE, which deletes without any trigger noticing.

export async function up(db: Kysely<unknown>): Promise<void> {
  // WITHOUT ROWID: one row written for each insert instead of two.
  await sql`CREATE TABLE trade_logs (
    source_database_id TEXT NOT NULL, id TEXT NOT NULL, strategy TEXT NOT NULL,
    timestamp TIMESTAMP, symbol TEXT NOT NULL, action TEXT NOT NULL, quantity INTEGER NOT NULL, price REAL NOT NULL, execution_reason TEXT NOT NULL, pnl REAL,
    row_sha256 TEXT NOT NULL, batch_id TEXT NOT NULL,
    PRIMARY KEY (source_database_id, id)
  ) WITHOUT ROWID`.execute(db)
  await sql`CREATE TABLE archive_batches (
    batch_id TEXT PRIMARY KEY, source_database_id TEXT NOT NULL, row_count INTEGER NOT NULL, rows_sha256 TEXT NOT NULL,
    prev_sha256 TEXT, head_sha256 TEXT, copied_at TIMESTAMP NOT NULL, deleted_at TIMESTAMP, sealed_at TIMESTAMP, tool_version TEXT NOT NULL
  )`.execute(db)
  await sql`CREATE TRIGGER trade_logs_insert BEFORE INSERT ON trade_logs
    WHEN EXISTS (SELECT 1 FROM trade_logs AS old JOIN archive_batches AS batch ON batch.batch_id = old.batch_id
      WHERE old.source_database_id = NEW.source_database_id AND old.id = NEW.id AND batch.sealed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'a sealed trade cannot be replaced'); END`.execute(db)
  await sql`CREATE TRIGGER trade_logs_update BEFORE UPDATE ON trade_logs
    WHEN EXISTS (SELECT 1 FROM archive_batches WHERE batch_id = OLD.batch_id AND sealed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'a sealed trade cannot be changed'); END`.execute(db)
  await sql`CREATE TRIGGER trade_logs_delete BEFORE DELETE ON trade_logs
    WHEN EXISTS (SELECT 1 FROM archive_batches WHERE batch_id = OLD.batch_id AND sealed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'a sealed trade cannot be deleted'); END`.execute(db)
  await sql`CREATE TRIGGER archive_batches_insert BEFORE INSERT ON archive_batches
    WHEN EXISTS (SELECT 1 FROM archive_batches WHERE batch_id = NEW.batch_id AND sealed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'a sealed batch cannot be replaced'); END`.execute(db)
  await sql`CREATE TRIGGER archive_batches_update BEFORE UPDATE ON archive_batches WHEN OLD.sealed_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a sealed batch cannot be changed'); END`.execute(db)
  await sql`CREATE TRIGGER archive_batches_delete BEFORE DELETE ON archive_batches WHEN OLD.sealed_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a sealed batch cannot be deleted'); END`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('trade_logs').execute()
  await db.schema.dropTable('archive_batches').execute()
}
