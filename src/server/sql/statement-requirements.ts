import {constants} from 'node:sqlite'
import {authorize, droppedTables} from './authorize.ts'
import type {Access, Verdict} from './data-access.ts'
import type {OpenedTables} from './opened-tables.ts'
import {onAllTables, onTable, type Requirement, withoutRepetition} from './requirement.ts'
import type {SchemaFacts} from './schema-facts.ts'
import {foldCase} from './tokens.ts'
import {firstVerb, joinsByName, newTableName, replacesRows} from './verb.ts'

/** Without `vacuum`, `attach`, `detach`, `analyze`, `reindex`. */
const verbs = new Set([
  ...['select', 'values', 'with', 'insert', 'replace', 'update', 'delete', 'create', 'drop', 'alter', 'pragma'],
  ...['begin', 'commit', 'end', 'rollback', 'savepoint', 'release'],
])

/** What a statement needs, by the accesses that SQLite's authorizer told of it and by what its bytecode opens. */
export function requirementsOf(sql: string, accesses: Access[], opened: OpenedTables, facts: SchemaFacts): Verdict {
  const verb = firstVerb(sql)
  if (!verbs.has(verb)) return {refused: `not authorized: ${verb.toUpperCase()}`}
  const contexts = [...new Set(accesses.flatMap(({context}) => (context === null ? [] : foldCase(context))))]
  const texts = [sql, ...contexts.flatMap((name) => facts.bodies.get(name) ?? []).map((row) => row.sql ?? '')]
  const triggersReplace = contexts.some((name) => facts.replacingTriggers.has(name))
  const statement = {verb, replaces: replacesRows(sql), triggersReplace, dropped: droppedTables(accesses), facts}
  const needed = renaming(sql)
  for (const access of [...accesses, ...untoldReads(accesses, opened, texts)]) {
    const verdict = authorize(access, statement)
    if ('refused' in verdict) return verdict
    needed.push(...verdict)
  }
  if (opened.virtual && texts.some(joinsByName)) needed.push(onAllTables('data_read', 'a virtual table is joined by the names of its columns'))
  return withoutRepetition(needed)
}

/** A table that is renamed gets out of the reach of the permissions on its name, and into that of others. */
function renaming(sql: string): Requirement[] {
  const name = newTableName(sql)
  return name === undefined ? [] : [onTable('schema_update', name)]
}

/**
 * The tables that are read although the authorizer did not say so: those of which NATURAL JOIN and USING compare columns, and nothing else
 * is read. An UPDATE and a DELETE go through their table, and AUTOINCREMENT looks at its sequence, without anyone seeing it.
 */
function untoldReads(accesses: Access[], {tables}: OpenedTables, texts: string[]): Access[] {
  const reads = new Set(accesses.filter(({action}) => action === constants.SQLITE_READ).map(({first}) => foldCase(first)))
  const scanned = new Set(accesses.filter(({action}) => scanning.includes(action)).map(({first}) => foldCase(first)))
  const joined = texts.some(joinsByName)
  const untold = [...tables].filter((name) => {
    if (reads.has(name) || (scanned.has(name) && !joined)) return false
    return name !== 'sqlite_sequence' || texts.some((text) => /sqlite_sequence/i.test(text))
  })
  return untold.map((first) => ({action: constants.SQLITE_READ, first, second: '', schema: 'main', context: null}))
}

const scanning: number[] = [constants.SQLITE_UPDATE, constants.SQLITE_DELETE]
