import {readdir, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {hasCode} from '../errors.ts'

/** The name of a temporary folder up to what makes it unique: it holds the process, by which the next run knows whether it is still used. */
export const ownPrefix = (prefix: string): string => `${prefix}${process.pid}-`

/** Removes temporary folders with this prefix whose processes are gone: crashed runs have left them. */
export async function removeLeftovers(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, pid] = (name.startsWith(prefix) && /^(\d+)-/.exec(name.slice(prefix.length))) || []
    // Somebody else's cannot be removed, and need not be.
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), {recursive: true, force: true}).catch(() => undefined)
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}
