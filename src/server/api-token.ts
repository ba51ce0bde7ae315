import {randomBytes} from 'node:crypto'
import {link, readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {hasCode} from '../errors.ts'

/** The platform token of a directory: random, made with the first server on it, kept in a file for its owner only. A secret. */
export async function readApiToken(directory: string): Promise<string> {
  const file = join(directory, 'api-token')
  const draft = `${file}.${process.pid}.tmp`
  await writeFile(draft, randomBytes(32).toString('base64url'), {mode: 0o600})
  try {
    // Of two servers that start at once, the first one's stays.
    await link(draft, file)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    await rm(draft, {force: true})
  }
  return (await readFile(file, 'utf8')).trim()
}
