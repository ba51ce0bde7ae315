import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {StratError} from '../errors.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import {writeProjectFile} from '../write-file.ts'
import {migrationFiles, nameOf} from './load.ts'
import type {Kind} from './recordings.ts'

export type NewMigrationInput = {
  /** The user's migrations folder, with a folder for each kind; null where there is none. */
  folder: string | null
  kind: Kind
  /** What it does, in a few words. */
  title: string
  /** The file to start from. */
  template: string
}

/**
 * Writes a new, empty migration with the next number.
 *
 * @throws StratError MIGRATIONS_NOT_EJECTED, MIGRATION_NAME_INVALID, FILE_EXISTS
 */
export async function newMigration({folder, kind, title, template}: NewMigrationInput): Promise<{name: string; kind: Kind; path: string}> {
  if (folder === null) {
    throw new StratError('MIGRATIONS_NOT_EJECTED', 'This project uses the packaged migrations, which cannot be added to.', {
      suggestions: ['strat init --eject writes them into the project.', 'If they are there already, set migrations: "./migrations" in strat.config.ts.'],
    })
  }
  const words = title.toLowerCase().match(/[a-z0-9]+/g)
  if (!words || title.length > 100)
    throw new StratError('USAGE', `"${title.slice(0, 100)}" cannot name a migration: it takes a few words, of letters and digits.`, {
      suggestions: ['strat migrate new add_notes'],
    })
  const name = `${await nextNumber(join(folder, kind))}_${words.join('_')}`
  const path = join(folder, kind, `${name}.ts`)
  const status = await translatingStorageErrors(path, async () => writeProjectFile(path, await readFile(template, 'utf8')))
  if (status === 'kept') throw new StratError('FILE_EXISTS', `${path} is there already.`, {suggestions: ['Run the command again for the next number.']})
  return {name, kind, path}
}

async function nextNumber(folder: string): Promise<string> {
  const last = nameOf((await migrationFiles(folder)).at(-1) ?? '')
  const digits = /^\d+/.exec(last)?.[0] ?? '0000'
  const next = String(BigInt(digits) + 1n).padStart(digits.length, '0')
  if (next.length === digits.length) return next
  throw new StratError('MIGRATION_NAME_INVALID', `The numbers of ${digits.length} digits in ${folder} are used up.`, {
    suggestions: ['Start anew with longer numbers in a new folder, for new databases.'],
  })
}
