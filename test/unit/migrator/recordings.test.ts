import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {checkMigrations, recordDowns, recordingsIn} from '../../../src/migrator/recordings.ts'
import {writeFiles} from '../../helpers/files.ts'
import {test} from '../../helpers/test.ts'

const migration = (down: string) => `import {sql} from 'kysely'\nexport const up = (db) => sql\`CREATE TABLE t (x)\`.execute(db)\n${down}\n`
const executing = (...statements: string[]) =>
  migration(`export async function down(db) {\n${statements.map((each) => `await sql\`${each}\`.execute(db)\n`).join('')}}`)

async function downsOf(folder: string, files: Record<string, string>) {
  await writeFiles(join(folder, 'strategy'), files)
  return recordDowns(await recordingsIn(folder, {trusted: true})('strategy'))
}

describe('the downs of migrations', () => {
  test('are recorded like their ups, and one that is missing is missing', async ({folder}) => {
    const downs = await downsOf(folder, {
      '0001_a.ts': executing('DROP TABLE t'),
      '0002_b.ts': migration(''),
      '0003_c.ts': executing('SELECT * FROM t', 'DROP TABLE t'),
      '0004_d.ts': executing('PRAGMA foreign_keys = OFF', 'DELETE FROM t WHERE x = 7'),
    })
    expect([...downs.keys()]).toEqual(['0001_a', '0003_c', '0004_d'])
    expect(downs.get('0001_a')).toEqual({mode: 'atomic', statements: [{sql: 'DROP TABLE t', args: []}]})
    expect(downs.get('0003_c')).toMatchObject({mode: 'interactive', reason: 'it reads (select)', down: expect.any(Function)})
    expect(downs.get('0004_d')).toEqual({mode: 'atomic', statements: [{sql: 'DELETE FROM t WHERE x = 7', args: []}]})
  })

  test('are not run where only the ups are asked for', async ({folder}) => {
    await writeFiles(join(folder, 'strategy'), {'0001_a.ts': migration("export const down = () => Promise.reject(new Error('run'))")})
    expect(await recordingsIn(folder, {trusted: true})('strategy')).toMatchObject([{name: '0001_a', mode: 'atomic', down: expect.any(Function)}])
  })

  test('do not count for the checksum', async ({folder}) => {
    const checksumOf = async (name: string, text: string) => {
      await writeFiles(join(folder, name, 'strategy'), {'0001_a.ts': text})
      return (await recordingsIn(join(folder, name), {trusted: true})('strategy')).map(({checksum}) => checksum)
    }
    expect(await checksumOf('one', executing('DROP TABLE t'))).toEqual(await checksumOf('other', migration('export const safeWithOpenPositions = true')))
  })

  test.for<[string, string, string, string]>([
    ['throws', "export const down = () => Promise.reject(new Error('boom'))", 'MIGRATION_INVALID', 'The "down" of migration 0001_a throws: boom.'],
    ['holds two statements in one text', 'export const down = (db) => sql`DROP TABLE a; DROP TABLE b`.execute(db)', 'MIGRATION_STATEMENT_REFUSED', '0001_a'],
    [
      'goes on after it returned',
      'export const down = async (db) => void setTimeout(() => sql`DROP TABLE a`.execute(db).catch(() => undefined), 5)',
      'MIGRATION_INVALID',
      'The migration 0001_a returns before all of its statements are sent.',
    ],
  ])('that %s are refused by name', async ([, down, code, message], {folder}) => {
    await expect(downsOf(folder, {'0001_a.ts': migration(down)})).rejects.toMatchObject({code, message: expect.stringContaining(message)})
  })
})

describe('the clock, which the recorder moves,', () => {
  test('is as it was when all kinds are recorded, also where one is loaded while the other is recorded', async ({folder}) => {
    const waiting = `import {sql} from 'kysely'
      export async function up(db) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        await sql\`CREATE TABLE t (x)\`.execute(db)
      }`
    const untilAhead = `const start = performance.now()
      while (Date.now() < ${Date.now() + 86_400_000} && performance.now() - start < 1000) await new Promise((resolve) => setTimeout(resolve, 5))\n`
    await writeFiles(folder, {
      'strategy/0001_slow.ts': waiting,
      'archive/0001_late.ts': `${untilAhead}${waiting}`,
    })
    const before = Date.now()
    await checkMigrations(recordingsIn(folder, {trusted: true}))
    expect(Date.now() - before).toBeLessThan(86_400_000)
  })
})
