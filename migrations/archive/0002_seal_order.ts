import {type Kysely, sql} from 'kysely'

// The chain of sealed batches has an order of its own, since a batch may be copied before another one and sealed after it. Of two that
// are sealed at once after the same batch, the index lets one through. Batches of rows that were not closed, moved because their strategy
// was destroyed, say so. Unsealed batches are few and looked for by every run: an index of these alone costs next to nothing.

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE archive_batches ADD COLUMN sequence INTEGER`.execute(db)
  await sql`ALTER TABLE archive_batches ADD COLUMN is_open INTEGER NOT NULL DEFAULT 0`.execute(db)
  await sql`CREATE UNIQUE INDEX archive_batches_sequence ON archive_batches (sequence)`.execute(db)
  await sql`CREATE INDEX archive_batches_unsealed ON archive_batches (source_database_id) WHERE sealed_at IS NULL`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('archive_batches_unsealed').execute()
  await db.schema.dropIndex('archive_batches_sequence').execute()
  await db.schema.alterTable('archive_batches').dropColumn('is_open').execute()
  await db.schema.alterTable('archive_batches').dropColumn('sequence').execute()
}
