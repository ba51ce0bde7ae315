import {mkdir, stat} from 'node:fs/promises'
import {dirname} from 'node:path'

/** Makes a folder and those that it is in, for their owner only. Node's own `recursive` never returns in a folder that takes none, as /proc. */
export async function makeDirectory(path: string): Promise<void> {
  const make = () => mkdir(path, {mode: 0o700})
  await make().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (error.code !== 'ENOENT' || dirname(path) === path) throw error
    await makeDirectory(dirname(path))
    await make().catch((again: NodeJS.ErrnoException) => {
      if (again.code === 'ENOENT') throw Object.assign(new Error(again.message, {cause: again}), {code: 'EROFS'})
      if (again.code !== 'EEXIST') throw again
    })
  })
}
