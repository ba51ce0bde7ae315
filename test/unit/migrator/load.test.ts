import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {LibsqlDialect} from '@libsql/kysely-libsql'
import {Kysely} from 'kysely'
import {FileMigrationProvider, Migrator} from 'kysely/migration'
import {describe, expect} from 'vitest'
import {importUserFile} from '../../../src/import-user-file.ts'
import {loadMigrations} from '../../../src/migrator/load.ts'
import {recordMigration} from '../../../src/migrator/record.ts'
import {usingFile} from '../../helpers/database.ts'
import {writeFiles} from '../../helpers/files.ts'
import {test} from '../../helpers/test.ts'

const up = 'export const up = async () => undefined\n'

describe('a migration that says whether it is safe with open positions', () => {
  test.for<[string, string, boolean]>([
    ['says nothing: it is not', up, false],
    ['says true', `${up}export const safeWithOpenPositions = true\n`, true],
    ['says false', `${up}export const safeWithOpenPositions = false\n`, false],
    ['says so in its default export', 'export default {up: async () => undefined, safeWithOpenPositions: true}\n', true],
  ])('%s', async ([, text, safeWithOpenPositions], {folder}) => {
    await writeFiles(folder, {'0001_a.ts': text})
    const [migration] = await loadMigrations(folder)
    expect(migration).toMatchObject({name: '0001_a', safeWithOpenPositions})
    expect(migration && (await recordMigration(migration))).toMatchObject({safeWithOpenPositions})
  })

  test.for(["'yes'", '1', 'null', '() => true'])('with %s is refused by its name', async (value, {folder}) => {
    await writeFiles(folder, {'0001_a.ts': up, '0002_b.ts': `${up}export const safeWithOpenPositions = ${value}\n`})
    await expect(loadMigrations(folder)).rejects.toMatchObject({
      code: 'MIGRATION_INVALID',
      message: 'The migration 0002_b.ts exports a "safeWithOpenPositions" that is neither true nor false.',
    })
  })

  test("is executed by Kysely's own Migrator, which takes no notice of it", async ({folder}) => {
    await writeFiles(folder, {'m/0001_a.ts': `${up}export const down = up\nexport const safeWithOpenPositions = true\n`})
    const provider = new FileMigrationProvider({fs: {readdir}, path: {join}, migrationFolder: join(folder, 'm'), import: importUserFile})
    await usingFile(join(folder, 'a.db'), async (client) => {
      const migrator = new Migrator({db: new Kysely({dialect: new LibsqlDialect({client})}), provider})
      const status = 'Success'
      expect(await migrator.migrateToLatest()).toEqual({error: undefined, results: [{direction: 'Up', migrationName: '0001_a', status}]})
      expect(await migrator.migrateDown()).toEqual({error: undefined, results: [{direction: 'Down', migrationName: '0001_a', status}]})
    })
  })
})
