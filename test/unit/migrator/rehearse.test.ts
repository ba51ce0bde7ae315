import {sql} from 'kysely'
import {describe, expect, test} from 'vitest'
import {usingMemoryDatabase} from '../../../src/database/connect.ts'
import {emptyState, inspectDatabase} from '../../../src/database/inspect.ts'
import type {Procedure} from '../../../src/migrator/migration.ts'
import {rehearse} from '../../../src/migrator/rehearse.ts'
import {applying} from '../../helpers/rehearsal.ts'

/** The class of a database in which these statements were executed, with Kysely's ledger. */
const classOf = (statements: string[]) =>
  usingMemoryDatabase(async (memory) => {
    await applying('CREATE TABLE kysely_migration (name TEXT PRIMARY KEY, timestamp TEXT NOT NULL)', ...statements)(memory)
    const state = await inspectDatabase(memory)
    return {kind: 'strategy' as const, state, byRun: [], members: []}
  })

const rehearseOn = async (made: string[], ...statements: string[]) => {
  const recording = {
    name: '0002_next',
    mode: 'atomic' as const,
    checksum: '',
    safeWithOpenPositions: false,
    statements: statements.map((sql) => ({sql, args: []})),
  }
  return rehearse({class: await classOf(made), recordings: [recording], isUndo: false})
}

describe('a schema is made again in memory', () => {
  test.each<[string, string[], string]>([
    [
      'with a vector index, which makes a table and an index of its own',
      ['CREATE TABLE e (id INTEGER PRIMARY KEY, v F32_BLOB(3))', 'CREATE INDEX e_v ON e (libsql_vector_idx(v))'],
      "INSERT INTO e VALUES (1, vector32('[1,2,3]'))",
    ],
    [
      'with a virtual table whose name begins that of another table',
      ['CREATE VIRTUAL TABLE trade USING fts5(x)', 'CREATE TABLE trade_logs (x)', 'CREATE INDEX logs_x ON trade_logs (x)'],
      "INSERT INTO trade_logs SELECT x FROM trade WHERE trade MATCH 'x'",
    ],
    [
      'with a full-text index that takes its columns from another table',
      ['CREATE TABLE logs (symbol)', 'CREATE VIRTUAL TABLE found USING fts4(content="logs")'],
      "INSERT INTO found (docid, symbol) VALUES (1, 'x')",
    ],
    [
      'with views of views and triggers on them',
      [
        'CREATE TABLE t (x)',
        'CREATE VIEW b AS SELECT x FROM t',
        'CREATE VIEW a AS SELECT x FROM b',
        'CREATE TRIGGER a_insert INSTEAD OF INSERT ON a BEGIN SELECT 1; END',
      ],
      'INSERT INTO a VALUES (1)',
    ],
  ])('%s', async (_, made, statement) => {
    const {schemas, unrehearsed} = await rehearseOn(made, statement)
    expect(unrehearsed).toBeNull()
    const {state} = await classOf(made)
    expect(schemas[0]).toEqual(state.schema.filter(({name}) => name !== 'kysely_migration'))
  })

  test('or the error says whose schema cannot be', async () => {
    const state = {...emptyState, schema: [{type: 'table', name: 't', sql: 'CREATE VIRTUAL TABLE t USING module_of_another_server(x)'}]}
    const rehearsal = rehearse({class: {kind: 'strategy', state, byRun: [], members: []}, recordings: [], isUndo: false})
    await expect(rehearsal).rejects.toMatchObject({
      code: 'SCHEMA_UNUSABLE',
      message: 'The schema of a database, or its bookkeeping of migrations, is not usable: no such module: module_of_another_server.',
    })
  })
})

describe('what only goes wrong for want of rows counts as not rehearsed, and stops nothing', () => {
  const made = ['CREATE TABLE p (id INTEGER PRIMARY KEY)', 'CREATE TABLE c (p_id INTEGER NOT NULL REFERENCES p (id))']
  test.each([
    ['a row that refers to one that every database has', 'INSERT INTO c VALUES (1)'],
    ['a value that is computed of rows', 'INSERT INTO c SELECT max(id) FROM p'],
  ])('%s', async (_, statement) => {
    expect(await rehearseOn(made, statement)).toMatchObject({unrehearsed: '0002_next'})
  })

  test('a row that a trigger refuses', async () => {
    const guard = "CREATE TRIGGER p_first BEFORE INSERT ON c WHEN NOT EXISTS (SELECT 1 FROM p) BEGIN SELECT RAISE(ABORT, 'no p yet'); END"
    expect(await rehearseOn([...made, guard], 'INSERT INTO c VALUES (1)')).toMatchObject({unrehearsed: '0002_next'})
  })

  test('a value that an interactive migration has read', async () => {
    const up: Procedure = async (db) => {
      const {rows} = await sql<{id: number}>`SELECT id FROM p`.execute(db)
      await sql`INSERT INTO c VALUES (${rows[0]?.id ?? null})`.execute(db)
    }
    const recording = {name: '0002_next', mode: 'interactive' as const, reason: 'it reads', checksum: '', safeWithOpenPositions: false, up}
    expect(await rehearse({class: await classOf(made), recordings: [recording], isUndo: false})).toMatchObject({unrehearsed: '0002_next'})
  })

  test.each([
    ['INSERT INTO c VALUES (NULL)', 'NOT NULL constraint failed: c.p_id'],
    ['INSERT INTO p VALUES (1), (1)', 'UNIQUE constraint failed: p.id'],
  ])('but not what goes wrong with any rows: %s', async (statement, reason) => {
    await expect(rehearseOn(made, statement)).rejects.toMatchObject({code: 'REHEARSAL_FAILED', message: expect.stringContaining(reason)})
  })
})
