import {constants, link, open, readdir, rm, stat} from 'node:fs/promises'
import {dirname, join} from 'node:path'
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
  await removeOldDrafts(dirname(path))
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

/** A process that is killed while it copies leaves its draft; one that has not grown for an hour is nobody's any more. */
async function removeOldDrafts(directory: string): Promise<void> {
  for (const file of await readdir(directory)) {
    if (!/\.db\.\d+\.tmp(?:-wal|-shm|-journal)?$/.test(file)) continue
    const status = await stat(join(directory, file)).catch(() => undefined)
    if (status && Date.now() - status.mtimeMs > 60 * 60_000) await rm(join(directory, file), {force: true})
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
