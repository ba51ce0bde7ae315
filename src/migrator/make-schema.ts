import type {Database, Statement} from '../database/database.ts'
import {isVirtualTable, type SchemaObject} from '../database/inspect.ts'
import {StratError} from '../errors.ts'
import type {DatabaseClass} from './database-class.ts'
import {recordApplied} from './ledger.ts'
import {isDatabaseError, reasonOf} from './migration-error.ts'
import {noRun} from './schemas.ts'

/**
 * Gives an empty database the schema and the bookkeeping of a class, and no rows.
 *
 * @throws StratError SCHEMA_UNUSABLE where libSQL refuses the schema here
 */
export async function makeSchema(empty: Database, databases: DatabaseClass): Promise<void> {
  try {
    await empty.migrate(statementsThatMake(databases))
  } catch (error) {
    if (!isDatabaseError(error)) throw error
    throw schemaUnusable(databases, error)
  }
}

/** The error for databases that are not migrated because nobody can rehearse it: the others are. */
export const schemaUnusable = (databases: DatabaseClass, cause: Error) =>
  new StratError('SCHEMA_UNUSABLE', `The schema of ${membersOf(databases)}, or its bookkeeping of migrations, is not usable: ${reasonOf(cause)}.`, {
    suggestions: ['Look at it with a tool of SQLite, and take back what was changed by hand.'],
    cause,
  })

/** The databases of a class as a part of a sentence. */
export function membersOf({members: [first, ...others]}: Pick<DatabaseClass, 'members'>): string {
  return `${first?.database.name ?? 'a database'}${others.length > 0 ? ` (and ${others.length} more like it)` : ''}`
}

function statementsThatMake({state: {schema, ledger, applied}}: DatabaseClass): Statement[] {
  const rank = rankIn(schema)
  return [
    ...schema.toSorted((a, b) => rank(a) - rank(b)).map(({sql}) => ({sql: unlessItExists(sql), args: []})),
    ...ledger.map((name) => ({sql: `INSERT INTO kysely_migration (name, timestamp) VALUES (?, '')`, args: [name]})),
    ...(applied.length > 0 ? [recordApplied(applied, noRun)] : []),
    // There is always something to do: a transaction without statements is none.
    {sql: 'SELECT 1', args: []},
  ]
}

/** What a statement refers to comes before it. A virtual table makes shadow tables, whose names begin with its own and `_`. */
function rankIn(schema: SchemaObject[]): (object: SchemaObject) => number {
  const prefixes = schema.filter(isVirtualTable).map(({name}) => `${name}_`)
  const kinds = ['table', 'virtual table', 'shadow', 'index', 'view', 'trigger']
  return (object) => {
    if (object.type !== 'table') return kinds.indexOf(object.type)
    if (isVirtualTable(object)) return kinds.indexOf('virtual table')
    return kinds.indexOf(prefixes.some((prefix) => object.name.startsWith(prefix)) ? 'shadow' : 'table')
  }
}

/** Virtual tables and vector indexes make tables and indexes of their own, which stand in the schema like any other: begun so by SQLite itself. */
const unlessItExists = (sql: string) => sql.replace(/^(CREATE (?:TABLE|(?:UNIQUE )?INDEX)) /, '$1 IF NOT EXISTS ')
