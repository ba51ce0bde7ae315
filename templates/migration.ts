import type {Kysely} from 'kysely'

// `Kysely<any>`: a migration is frozen in time, while the types of the tables go on changing.
// Put an await before each statement. Prefer statements that do not read: they go to a database in one request.
//
//   await db.schema.createTable('notes').addColumn('id', 'text', (column) => column.primaryKey()).addColumn('text', 'text').execute()
//
// A strategy that is protected waits while it has open positions, unless its bot can go on: export const safeWithOpenPositions = true

export async function up(_db: Kysely<any>): Promise<void> {}

export async function down(_db: Kysely<any>): Promise<void> {}
