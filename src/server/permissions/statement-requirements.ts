import {foldCase} from '../../database/sql/tokens.ts'
import {authorize, droppedTables} from './authorize.ts'
import type {Access, Verdict} from './data-access.ts'
import {onTable, type Requirement, withoutRepetition} from './requirement.ts'
import type {SchemaFacts} from './schema-facts.ts'
import {firstVerb, newTableName, replacesRows} from './verb.ts'

/** Without `vacuum`, `attach`, `detach`, `analyze`, `reindex`. */
const verbs = new Set([
  ...['select', 'values', 'with', 'insert', 'replace', 'update', 'delete', 'create', 'drop', 'alter', 'pragma'],
  ...['begin', 'commit', 'end', 'rollback', 'savepoint', 'release'],
])

/** The texts that a statement consists of: its own, and those of the triggers and views that SQLite's authorizer told of. */
export function textsOf(sql: string, accesses: Access[], facts: SchemaFacts): string[] {
  return [sql, ...contextsOf(accesses).flatMap((name) => (facts.bodies.get(name) ?? []).map((row) => row.sql ?? ''))]
}

/** What a statement needs, by the accesses that SQLite's authorizer told of it. */
export function requirementsOf(sql: string, accesses: Access[], facts: SchemaFacts): Verdict {
  const verb = firstVerb(sql)
  if (!verbs.has(verb)) return {refused: `not authorized: ${verb.toUpperCase()}`}
  const triggersReplace = contextsOf(accesses).some((name) => facts.replacingTriggers.has(name))
  const statement = {verb, replaces: replacesRows(sql), triggersReplace, dropped: droppedTables(accesses), facts}
  const needed = renaming(sql)
  for (const access of accesses) {
    const verdict = authorize(access, statement)
    if ('refused' in verdict) return verdict
    needed.push(...verdict)
  }
  return withoutRepetition(needed)
}

const contextsOf = (accesses: Access[]) => [...new Set(accesses.flatMap(({context}) => (context === null ? [] : foldCase(context))))]

/** A table that is renamed gets out of the reach of the permissions on its name, and into that of others. */
function renaming(sql: string): Requirement[] {
  const name = newTableName(sql)
  return name === undefined ? [] : [onTable('schema_update', name)]
}
