import {constants, copyFile, link, mkdir, rename, rm, writeFile} from 'node:fs/promises'
import {dirname} from 'node:path'
import {hasCode} from './errors.ts'

/** A file of the user's project, relative to the project's folder. */
export type WrittenFile = {path: string; status: 'created' | 'kept' | 'overwritten'}

/**
 * Writes a file, and the folders that it is in; one that is there is kept as it is, unless `force` is given.
 * It appears under its name only when it is whole.
 */
export async function writeProjectFile(path: string, content: string, {force = false} = {}): Promise<WrittenFile['status']> {
  await mkdir(dirname(path), {recursive: true})
  const draft = `${path}.${process.pid}.tmp`
  try {
    await writeFile(draft, content)
    if (await isPlaced(draft, path)) return 'created'
    if (!force) return 'kept'
    await rename(draft, path)
    return 'overwritten'
  } finally {
    await rm(draft, {force: true})
  }
}

/** Gives the draft its name, unless there is a file of that name. */
async function isPlaced(draft: string, path: string): Promise<boolean> {
  try {
    // Not every disk knows links.
    await link(draft, path).catch((error) => (hasCode(error, 'EEXIST') ? Promise.reject(error) : copyFile(draft, path, constants.COPYFILE_EXCL)))
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}
