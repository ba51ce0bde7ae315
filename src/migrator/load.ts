import {readdir} from 'node:fs/promises'
import {join, parse} from 'node:path'
import {messageOf, StratError} from '../errors.ts'
import {importUserFile} from '../import-user-file.ts'
import type {Migration} from './migration.ts'
import {withinLimit} from './timeout.ts'

const sourceFile = /\.[cm]?[jt]s$/
const declarationFile = /\.d\.[cm]?ts$/
const wellFormed = /^(\d+)[_-][a-z0-9][a-z0-9_-]*$/i

/**
 * Loads the migrations of a folder in the order of their names: `<number>_<name>` in TypeScript or JavaScript,
 * each exporting `up(db)` and, to be undone, `down(db)`; `safeWithOpenPositions = true` where open positions are no reason to wait.
 *
 * @throws StratError MIGRATION_FOLDER_MISSING, MIGRATION_FOLDER_EMPTY, MIGRATION_NAME_INVALID, MIGRATION_DUPLICATE, MIGRATION_INVALID, MIGRATION_TIMED_OUT
 */
export async function loadMigrations(folder: string): Promise<Migration[]> {
  const files = await migrationFiles(folder)
  checkNumbers(files, folder)
  const migrations: Migration[] = []
  // One after the other: of several at once, none could be blamed for a loop.
  for (const file of files) migrations.push(await loadMigration(folder, file))
  return migrations
}

/** The names of the migration files in a folder, in the order in which they run. */
export async function migrationFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {withFileTypes: true}).catch((cause) => {
    throw new StratError('MIGRATION_FOLDER_MISSING', `The migrations folder ${folder} cannot be read.`, {
      suggestions: ['strat init --eject writes the packaged migrations to start from.', 'Check "migrations" in strat.config.ts.'],
      cause,
    })
  })
  const files = entries.filter((entry) => !entry.isDirectory() && sourceFile.test(entry.name) && !declarationFile.test(entry.name)).map((entry) => entry.name)
  if (files.length === 0) {
    throw new StratError('MIGRATION_FOLDER_EMPTY', `The migrations folder ${folder} holds no migration.`, {
      suggestions: ['strat init --eject writes the packaged migrations to start from.'],
    })
  }
  // By code unit, as Kysely's Migrator sorts them.
  return files.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

export const nameOf = (file: string) => parse(file).name
const numberOf = (file: string) => wellFormed.exec(nameOf(file))?.[1] ?? ''

function checkNumbers(files: string[], folder: string): void {
  for (const [index, file] of files.entries()) {
    if (!wellFormed.test(nameOf(file))) {
      throw new StratError('MIGRATION_NAME_INVALID', `${join(folder, file)} has no migration's name.`, {
        suggestions: ['Name it <number>_<what it does>, as in 0002_add_notes.ts.', 'strat migrate new makes one with the next number.'],
      })
    }
    const before = files[index - 1]
    if (before === undefined) continue
    if (BigInt(numberOf(before)) === BigInt(numberOf(file))) {
      throw new StratError('MIGRATION_DUPLICATE', `${before} and ${file} in ${folder} have the same number.`, {
        suggestions: ['Give the newer one the next free number.'],
      })
    }
    if (numberOf(before).length !== numberOf(file).length) {
      throw new StratError(
        'MIGRATION_NAME_INVALID',
        `${before} and ${file} in ${folder} have numbers of different length: they would run in the order of their letters.`,
        {
          suggestions: ['Pad the shorter number with zeros, unless it is executed somewhere already: then number on from the longer one.'],
        },
      )
    }
  }
}

async function loadMigration(folder: string, file: string): Promise<Migration> {
  const name = nameOf(file)
  const module = await withinLimit(() => importUserFile(join(folder, file)), name, 'load').catch((cause) => {
    if (cause instanceof StratError) throw cause
    throw invalid(file, `cannot be loaded: ${messageOf(cause)}`, cause)
  })
  const exported = [module['default'], module].find(isMigration)
  if (!exported) throw invalid(file, 'exports no function "up"')
  if (exported.down !== undefined && typeof exported.down !== 'function') throw invalid(file, 'exports a "down" that is no function')
  const {up, down, safeWithOpenPositions = false} = exported
  if (typeof safeWithOpenPositions !== 'boolean') throw invalid(file, 'exports a "safeWithOpenPositions" that is neither true nor false')
  return {name, up, ...(down && {down}), safeWithOpenPositions}
}

type Exported = Pick<Migration, 'up' | 'down'> & {safeWithOpenPositions?: unknown}

const isMigration = (value: unknown): value is Exported => typeof value === 'object' && value !== null && 'up' in value && typeof value.up === 'function'

const invalid = (file: string, reason: string, cause?: unknown) =>
  new StratError('MIGRATION_INVALID', `The migration ${file} ${reason}.`, {
    suggestions: ['A migration exports async functions: up(db) and, if it can be undone, down(db).'],
    cause,
  })
