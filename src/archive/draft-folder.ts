import {lstat, mkdtemp, readdir, rename, rm} from 'node:fs/promises'
import {basename, dirname, join, resolve} from 'node:path'
import {hasCode, StratError} from '../errors.ts'
import {makeDirectory} from '../make-directory.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import {ownPrefix, removeLeftovers} from './leftovers.ts'

/**
 * Lends a folder that gets the name `out` when `write` is done; until then, and if that fails, there is nothing of that name.
 *
 * @throws StratError OUTPUT_EXISTS where something is there that is no empty folder; STORAGE_READ_ONLY, STORAGE_FULL, STORAGE_FAILED
 */
export async function usingDraft<T>(out: string, write: (draft: string) => Promise<T>): Promise<T> {
  const target = resolve(out)
  return translating(out, async () => {
    if (!(await isFree(target))) throw exists(out)
    const [parent, prefix] = [dirname(target), `.${basename(target)}.`]
    await makeDirectory(parent)
    await removeLeftovers(parent, prefix)
    const draft = await mkdtemp(join(parent, ownPrefix(prefix)))
    try {
      const result = await write(draft)
      // It takes the place of an empty folder, and of nothing else.
      await rename(draft, target).catch((error) => {
        throw ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].some((code) => hasCode(error, code)) ? exists(out) : error
      })
      return result
    } finally {
      await rm(draft, {recursive: true, force: true})
    }
  })
}

async function isFree(target: string): Promise<boolean> {
  try {
    return (await readdir(target)).length === 0
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true
    if (!hasCode(error, 'ENOTDIR')) throw error
    // It fails in the same way where what should be its parent is a file.
    await lstat(target)
    return false
  }
}

const exists = (out: string) =>
  new StratError('OUTPUT_EXISTS', `${out} is there already.`, {suggestions: ['Choose another folder with --out, one that is empty or not there yet.']})

/** The general way out is another directory for databases, which is none here. */
const translating = <T>(out: string, work: () => Promise<T>) =>
  translatingStorageErrors(out, work).catch((error) => {
    if (!hasCode(error, 'STORAGE_READ_ONLY')) throw error
    const suggestions = ['Check the owner and permissions of the folder that it is in.', 'Choose another folder with --out.']
    throw new StratError('STORAGE_READ_ONLY', `${out} cannot be written.`, {suggestions, cause: error})
  })
