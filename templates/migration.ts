import type {Kysely} from 'kysely'

// `Kysely<any>`: a migration is frozen in time, while the types of the tables go on changing.
// Prefer statements that do not read: they are applied to a whole fleet in one request a database.

export async function up(db: Kysely<any>): Promise<void> {
  await db.schema.alterTable('trade_logs').addColumn('note', 'text').execute()
}

export async function down(db: Kysely<any>): Promise<void> {
  await db.schema.alterTable('trade_logs').dropColumn('note').execute()
}
