import {describe, expect} from 'vitest'
import {execute, query} from '../helpers/database.ts'
import {initial, migration, ownMigrations, reversible, writeFiles} from '../helpers/files.ts'
import {databaseFile, makeFleet} from '../helpers/fleet.ts'
import type {Result} from '../helpers/strat.ts'
import {test} from '../helpers/test.ts'

const addNote = reversible('ALTER TABLE trade_logs ADD COLUMN note TEXT', 'ALTER TABLE trade_logs DROP COLUMN note')
/** Its down needs what the migration before it made. */
const indexNote = reversible('CREATE INDEX note ON trade_logs (note)', 'DROP INDEX note', 'UPDATE trade_logs SET note = NULL')

/** Each database with its status, or why it has another. */
const outcomes = ({json}: Result) => Object.fromEntries(json.databases.map(({name, status, code}: Record<string, string>) => [name, code ?? status]))

const schema = (folder: string, name: string) =>
  query(databaseFile(folder, name), 'SELECT name, sql, (SELECT group_concat(name) FROM kysely_migration) AS ledger FROM sqlite_schema ORDER BY name')

/** Two strategies, and then two migrations. */
async function makePending(folder: string): Promise<void> {
  await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
  await makeFleet(folder, ['stage-a', 'stage-b'])
  await writeFiles(folder, {'migrations/strategy/0002_note.ts': addNote, 'migrations/strategy/0003_index.ts': indexNote})
}

describe('strat migrate undo', () => {
  test('takes back exactly what the run applied, where it applied it, the last first', async ({folder, strat}) => {
    await makePending(folder)
    const fresh = await schema(folder, 'stage-a')
    await strat('migrate stage-b --to 0002_note --run one')
    const withNote = await schema(folder, 'stage-b')
    expect(outcomes(await strat('migrate --all --run two --json'))).toEqual({'stage-a': 'applied', 'stage-b': 'applied'})
    const after = await schema(folder, 'stage-a')
    await makeFleet(folder, ['stage-later'])

    const plan = await strat('migrate undo --run two --dry-run --json')
    expect(plan.json.classes).toMatchObject([
      {
        databases: ['stage-a'],
        migrations: [{name: '0003_index', statements: [{sql: 'DROP INDEX note'}, {}], destructive: [{statement: 1}]}, {name: '0002_note'}],
      },
      {databases: ['stage-b'], migrations: [{name: '0003_index'}]},
      {databases: ['stage-later'], migrations: []},
    ])
    expect(await schema(folder, 'stage-a')).toEqual(after)

    const undone = await strat('migrate undo --run two --yes --json')
    expect({code: undone.code, databases: undone.json.databases}).toMatchObject({
      code: 0,
      databases: [
        {name: 'stage-a', status: 'applied', migrations: ['0003_index', '0002_note']},
        {name: 'stage-b', status: 'applied', migrations: ['0003_index']},
        {name: 'stage-later', status: 'current'},
      ],
    })
    expect([await schema(folder, 'stage-a'), await schema(folder, 'stage-b')]).toEqual([fresh, withNote])
    expect((await strat('migrate status --json')).json.classes.map(({drift}: {drift: object[]}) => drift)).toEqual([[], [], []])
    expect(outcomes(await strat('migrate --all --json'))).toEqual({'stage-a': 'applied', 'stage-b': 'applied', 'stage-later': 'current'})
    expect(await schema(folder, 'stage-a')).toEqual(after)
  })

  test('says a second time that the run is not known (any more), and lists those that are', async ({folder, strat}) => {
    await makePending(folder)
    await strat('migrate --all --to 0002_note --run one')
    await strat('migrate --all --run two')
    const {stdout, stderr} = await strat('migrate undo --run two --yes')
    expect(stdout).toBe('NAME\tSTATUS\tDETAIL\nstage-a\tundone\t0003_index\nstage-b\tundone\t0003_index\n')
    expect(stderr).not.toContain('To undo it')
    const {code, json} = await strat('migrate undo --run two --yes --json')
    expect({code, error: json.error}).toMatchObject({
      code: 1,
      error: {code: 'RUN_UNKNOWN', suggestions: ['--run one']},
    })
  })

  test('two at once undo it once', async ({folder, strat}) => {
    await makePending(folder)
    await makeFleet(folder, ['stage-c'])
    await strat('migrate --all --to 0002_note --run one')
    const results = await Promise.all([1, 2].map(() => strat('migrate undo stage-a stage-b --run one --json')))
    const undone = results.flatMap(({json}) =>
      (json.databases ?? []).filter(({status}: {status: string}) => status === 'applied').map(({name}: {name: string}) => name),
    )
    expect(undone.toSorted()).toEqual(['stage-a', 'stage-b'])
    // One that comes when all is done already does not find the run.
    for (const {code, json} of results) expect(code === 0 || json.error.code === 'RUN_UNKNOWN').toBe(true)
    expect((await strat('migrate status --json')).json.classes).toMatchObject([{drift: []}, {drift: []}])
  })

  test('leaves alone where a later run came after it, or a migration has no down', async ({folder, strat}) => {
    await makePending(folder)
    await strat('migrate --all --to 0002_note --run one')
    await strat('migrate stage-a --run two')
    await writeFiles(folder, {'migrations/strategy/0004_ever.ts': migration('CREATE TABLE ever (x)')})
    const first = await strat('migrate undo --run one --yes --json')
    expect({code: first.code, outcomes: outcomes(first), reason: first.json.databases[0].reason}).toEqual({
      code: 3,
      outcomes: {'stage-a': 'MIGRATION_NOT_LAST', 'stage-b': 'applied'},
      reason: 'Executed after it by another run: 0003_index.',
    })
    await strat('migrate --all --run three')
    const before = await schema(folder, 'stage-a')
    const irreversible = await strat('migrate undo --run three --yes --json')
    expect({code: irreversible.code, outcomes: outcomes(irreversible), reason: irreversible.json.databases[0].reason}).toEqual({
      code: 3,
      outcomes: {'stage-a': 'MIGRATION_IRREVERSIBLE', 'stage-b': 'MIGRATION_IRREVERSIBLE'},
      reason: '0004_ever has no down.',
    })
    expect(await schema(folder, 'stage-a')).toEqual(before)
  })

  test('does not take its tables from a strategy: the run of create, or of adopt', async ({folder, strat}) => {
    await makePending(folder)
    await strat('create stage-c')
    const [{run_id: run} = {}] = await query(databaseFile(folder, 'stage-c'), 'SELECT run_id FROM strat_migration')
    const before = await schema(folder, 'stage-c')
    const {code, json} = await strat(`migrate undo stage-c --run ${run} --yes --json`)
    expect({code, databases: json.databases}).toMatchObject({
      code: 3,
      databases: [{name: 'stage-c', code: 'MIGRATION_FIRST', suggestions: ['strat destroy deletes a strategy.']}],
    })
    expect(await schema(folder, 'stage-c')).toEqual(before)
    await execute(databaseFile(folder, 'stage-c'), `VACUUM INTO '${databaseFile(folder, 'stage-adopted')}'`)
    await strat('adopt stage-adopted')
    const [{run_id: adoption} = {}] = await query(databaseFile(folder, 'stage-adopted'), 'SELECT run_id FROM strat_migration')
    const refused = await strat(`migrate undo --run ${adoption} --json`)
    expect({code: refused.code, error: refused.json.error}).toMatchObject({
      code: 2,
      error: {code: 'USAGE', message: expect.stringContaining('executed nothing')},
    })
  })

  test('stops before any database where a down does not bring back what was', async ({folder, strat}) => {
    await makePending(folder)
    await writeFiles(folder, {'migrations/strategy/0003_index.ts': reversible('CREATE INDEX note ON trade_logs (note)', 'SELECT 1 WHERE 0')})
    await strat('migrate --all --run one')
    await writeFiles(folder, {
      'migrations/strategy/0003_index.ts': reversible('CREATE INDEX note ON trade_logs (note)', 'DROP INDEX note', 'CREATE TABLE other (x)'),
    })
    const before = await schema(folder, 'stage-a')
    const {code, json} = await strat('migrate undo --run one --yes --json')
    expect({code, error: json.error}).toMatchObject({
      code: 1,
      error: {code: 'REHEARSAL_FAILED', message: expect.stringContaining('does not restore what was before: table other')},
    })
    expect(await schema(folder, 'stage-a')).toEqual(before)
  })
})
