import {mkdir, writeFile} from 'node:fs/promises'
import {dirname} from 'node:path'

/** A file of the user's project, relative to the project's folder. */
export type WrittenFile = {path: string; status: 'created' | 'kept' | 'overwritten'}

/** Writes a file, and the folders that it is in; one that is there is kept as it is, unless `force` is given. */
export async function writeProjectFile(path: string, content: string, {force = false} = {}): Promise<WrittenFile['status']> {
  await mkdir(dirname(path), {recursive: true})
  try {
    await writeFile(path, content, {flag: 'wx'})
    return 'created'
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    if (!force) return 'kept'
    await writeFile(path, content)
    return 'overwritten'
  }
}
