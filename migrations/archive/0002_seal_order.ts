import {type Kysely, sql} from 'kysely'

// The chain of sealed batches has an order of its own, since a batch may be copied before another one and sealed after it. Of two that
// are sealed at once after the same batch, the index lets one through. Batches of rows that were not closed, moved because their strategy
// was destroyed, say so. Unsealed batches are few and looked for by every run: an index of these alone costs next to nothing.
//
// REPLACE deletes what has any of a row's keys, and no trigger notices: so nothing takes a key of what is sealed, and nothing comes into a
// sealed batch. An index of sealed batches alone finds none for the rows of one that is not: they are copied without a row more being read.
// One trigger that does both costs less than two, each of which is called for each row.
//
// A batch is sealed by one UPDATE, as the next one of the chain. A seal of any other kind, by hand or forged, would have nothing sealed after it.

// Up to which instant each symbol is archived, in microseconds since 1970, so that a trade that comes late is known by one row. It follows
// from the trades, and proves nothing: it is no part of the chain.

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE archive_batches ADD COLUMN sequence INTEGER`.execute(db)
  await sql`ALTER TABLE archive_batches ADD COLUMN is_open INTEGER NOT NULL DEFAULT 0`.execute(db)
  await sql`CREATE UNIQUE INDEX archive_batches_sequence ON archive_batches (sequence) WHERE sequence IS NOT NULL`.execute(db)
  await sql`CREATE INDEX archive_batches_unsealed ON archive_batches (source_database_id) WHERE sealed_at IS NULL`.execute(db)
  await sql`CREATE UNIQUE INDEX archive_batches_sealed ON archive_batches (batch_id) WHERE sealed_at IS NOT NULL`.execute(db)
  await sql`CREATE TABLE archive_cuts (
    source_database_id TEXT NOT NULL, symbol TEXT NOT NULL, archived_until INTEGER NOT NULL,
    PRIMARY KEY (source_database_id, symbol)
  ) WITHOUT ROWID`.execute(db)
  await sql`DROP TRIGGER archive_batches_insert`.execute(db)
  await sql`CREATE TRIGGER archive_batches_insert BEFORE INSERT ON archive_batches BEGIN
    SELECT RAISE(ABORT, 'a sealed batch cannot be replaced') FROM archive_batches INDEXED BY archive_batches_sealed
      WHERE batch_id = NEW.batch_id AND sealed_at IS NOT NULL;
    SELECT RAISE(ABORT, 'a sealed batch cannot be replaced') FROM archive_batches WHERE sequence = NEW.sequence AND sealed_at IS NOT NULL;
    SELECT RAISE(ABORT, 'a sealed batch cannot be replaced') FROM archive_batches WHERE rowid = NEW.rowid AND sealed_at IS NOT NULL;
    SELECT RAISE(ABORT, 'a batch is not sealed when it is added')
      WHERE NEW.sealed_at IS NOT NULL OR NEW.sequence IS NOT NULL OR NEW.head_sha256 IS NOT NULL;
  END`.execute(db)
  await sql`DROP TRIGGER archive_batches_update`.execute(db)
  await sql`CREATE TRIGGER archive_batches_update BEFORE UPDATE ON archive_batches BEGIN
    SELECT RAISE(ABORT, 'a sealed batch cannot be changed') WHERE OLD.sealed_at IS NOT NULL;
    SELECT RAISE(ABORT, 'a sealed batch cannot be replaced') FROM archive_batches WHERE sequence = NEW.sequence AND sealed_at IS NOT NULL;
    SELECT RAISE(ABORT, 'a sealed batch cannot be replaced') FROM archive_batches INDEXED BY archive_batches_sealed
      WHERE batch_id = NEW.batch_id AND sealed_at IS NOT NULL;
    SELECT RAISE(ABORT, 'a sealed batch cannot be replaced') FROM archive_batches
      WHERE NEW.rowid <> OLD.rowid AND rowid = NEW.rowid AND sealed_at IS NOT NULL;
    SELECT RAISE(ABORT, 'a batch is sealed whole, as the next one of the chain')
      WHERE (NEW.sealed_at IS NOT NULL OR NEW.sequence IS NOT NULL OR NEW.head_sha256 IS NOT NULL)
        AND (NEW.sealed_at IS NULL OR NEW.head_sha256 IS NULL
          OR NEW.sequence IS NOT 1 + ifnull((SELECT sequence FROM archive_batches WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1), 0)
          OR NEW.prev_sha256 IS NOT (SELECT head_sha256 FROM archive_batches WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1));
  END`.execute(db)
  await sql`DROP TRIGGER trade_logs_insert`.execute(db)
  await sql`CREATE TRIGGER trade_logs_insert BEFORE INSERT ON trade_logs BEGIN
    SELECT RAISE(ABORT, 'a sealed trade cannot be replaced') FROM trade_logs AS old CROSS JOIN archive_batches AS batch ON batch.batch_id = old.batch_id
      WHERE old.source_database_id = NEW.source_database_id AND old.id = NEW.id AND batch.sealed_at IS NOT NULL;
    SELECT RAISE(ABORT, 'a sealed batch takes no more trades') FROM archive_batches INDEXED BY archive_batches_sealed
      WHERE batch_id = NEW.batch_id AND sealed_at IS NOT NULL;
  END`.execute(db)
  await sql`CREATE TRIGGER trade_logs_update_batch BEFORE UPDATE ON trade_logs
    WHEN EXISTS (SELECT 1 FROM archive_batches INDEXED BY archive_batches_sealed WHERE batch_id = NEW.batch_id AND sealed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'a sealed batch takes no more trades'); END`.execute(db)
  await sql`CREATE TRIGGER trade_logs_update_key BEFORE UPDATE ON trade_logs
    WHEN EXISTS (SELECT 1 FROM trade_logs AS old JOIN archive_batches AS batch ON batch.batch_id = old.batch_id
      WHERE old.source_database_id = NEW.source_database_id AND old.id = NEW.id AND batch.sealed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'a sealed trade cannot be replaced'); END`.execute(db)
}

// Dropping a column asks no trigger: what batches say of themselves, and with it the chain, would be gone. So they are updated first, which fails.
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TRIGGER archive_batches_undo BEFORE UPDATE ON archive_batches
    BEGIN SELECT RAISE(ABORT, 'the archive has batches, whose chain would be lost'); END`.execute(db)
  await sql`UPDATE archive_batches SET is_open = is_open`.execute(db)
  await db.schema.dropTable('archive_cuts').execute()
  for (const name of triggers) await sql`DROP TRIGGER ${sql.id(name)}`.execute(db)
  for (const name of ['archive_batches_sealed', 'archive_batches_unsealed', 'archive_batches_sequence']) await db.schema.dropIndex(name).execute()
  await db.schema.alterTable('archive_batches').dropColumn('is_open').execute()
  await db.schema.alterTable('archive_batches').dropColumn('sequence').execute()
  await sql`CREATE TRIGGER trade_logs_insert BEFORE INSERT ON trade_logs
    WHEN EXISTS (SELECT 1 FROM trade_logs AS old JOIN archive_batches AS batch ON batch.batch_id = old.batch_id
      WHERE old.source_database_id = NEW.source_database_id AND old.id = NEW.id AND batch.sealed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'a sealed trade cannot be replaced'); END`.execute(db)
  await sql`CREATE TRIGGER archive_batches_insert BEFORE INSERT ON archive_batches
    WHEN EXISTS (SELECT 1 FROM archive_batches WHERE batch_id = NEW.batch_id AND sealed_at IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'a sealed batch cannot be replaced'); END`.execute(db)
  await sql`CREATE TRIGGER archive_batches_update BEFORE UPDATE ON archive_batches WHEN OLD.sealed_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a sealed batch cannot be changed'); END`.execute(db)
}

const triggers = [
  'archive_batches_undo',
  'archive_batches_insert',
  'archive_batches_update',
  'trade_logs_insert',
  'trade_logs_update_batch',
  'trade_logs_update_key',
]
