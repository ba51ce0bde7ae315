import {open, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {hasCode, StratError} from '../errors.ts'

/**
 * Makes sure that one server at a time serves a directory: streams and write locks live in it. The operating system keeps the
 * lock, on a libSQL file, so that it ends with the process.
 *
 * @throws StratError SERVER_RUNNING
 */
export async function lockDirectory(directory: string, url: () => string): Promise<{announce(): Promise<void>; release(): void}> {
  const {createClient} = await import('@libsql/client/sqlite3')
  const announcement = join(directory, 'dev.url')
  const file = join(directory, 'dev.lock')
  await (await open(file, 'a', 0o600)).close()
  const client = createClient({url: pathToFileURL(file).href, timeout: 0})
  try {
    const lock = await client.transaction('write')
    return {
      announce: () => writeFile(announcement, url(), {mode: 0o600}),
      release() {
        lock.close()
        client.close()
      },
    }
  } catch (error) {
    client.close()
    if (!hasCode(error, 'SQLITE_BUSY')) throw error
    const other = await readFile(announcement, 'utf8').catch(() => 'another address')
    throw new StratError('SERVER_RUNNING', `strat dev serves ${directory} already, at ${other}.`, {
      suggestions: ['Use the one that runs, or stop it first.', 'Serve another directory: STRAT_DIRECTORY=… strat dev'],
    })
  }
}
