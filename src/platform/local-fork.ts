import {constants, link, open, rm} from 'node:fs/promises'
import {hasCode, StratError} from '../errors.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import {isDatabaseFile, usingFile} from './local-files.ts'

/**
 * Copies a database as it is at one instant, also while others write to it, into a new file for its owner only; says whether it
 * was this call that made it. The file appears under its name only when it is whole.
 *
 * @throws StratError DATABASE_NOT_FOUND for a source that is gone
 */
export async function forkDatabaseFile(source: string, path: string): Promise<boolean> {
  if (await isDatabaseFile(path)) return false
  const draft = `${path}.${process.pid}.tmp`
  await removeDraft(draft)
  try {
    await (await open(draft, 'wx', 0o600)).close()
    await copyInto(draft, source)
    await usingFile(draft, (client) => client.execute('PRAGMA journal_mode = WAL'))
    await flush(draft)
    await link(draft, path)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await removeDraft(draft)
  }
}

async function copyInto(draft: string, source: string): Promise<void> {
  try {
    // Row ids stay the same, unlike with VACUUM alone.
    await translatingStorageErrors(source, () => usingFile(source, (client) => client.execute({sql: 'VACUUM INTO ?', args: [draft]})))
  } catch (error) {
    throw hasCode(error, 'ENOENT') ? new StratError('DATABASE_NOT_FOUND', `${source} is gone.`, {cause: error}) : error
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, constants.O_RDWR)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function removeDraft(draft: string): Promise<void> {
  await Promise.all(['', '-wal', '-shm', '-journal'].map((log) => rm(draft + log, {force: true})))
}
