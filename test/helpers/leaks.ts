import {readdir, readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'

/** How many characters in a row of a secret are a part of it by which it is known. */
const length = 12
/** How many of them are looked up first, and how far apart: each part has one there, wherever it is. */
const gram = 4
const stride = length - gram + 1

/** Looks for parts of secrets, also in base64 and hexadecimal digits; returns the part that it found. */
export function searchFor(secrets: Iterable<string>): (text: string) => string | undefined {
  const parts = new Set([...secrets].flatMap((secret) => lettersOf(secret).flatMap(forms).flatMap(partsOf)))
  const grams = new Set([...parts].flatMap((part) => Array.from({length: stride}, (_, start) => part.slice(start, start + gram))))
  return (text) => {
    // Megabytes: whatever holds a part has one of its grams at a multiple of the stride.
    for (let at = 0; at + gram <= text.length; at += stride) {
      if (!grams.has(text.slice(at, at + gram))) continue
      for (let start = Math.max(0, at - stride + 1); start <= at; start++) {
        const part = text.slice(start, start + length)
        if (parts.has(part)) return part
      }
    }
    return undefined
  }
}

/** A part of a text with what stands before it, for messages. */
export const around = (text: string, part = '') => text.slice(Math.max(0, text.indexOf(part) - 60), text.indexOf(part) + part.length)

/** What is random in a secret: no prefix, no header, each line of a key for itself. */
const lettersOf = (secret: string) =>
  secret
    .replace(/^(?:github_pat_|gh[pousr]_|eyJ[\w-]+\.)/, '')
    .split(/\\n|\n/)
    .filter((line) => !line.startsWith('-----'))

const forms = (text: string) => [text, Buffer.from(text).toString('hex'), ...[0, 1, 2].flatMap((offset) => base64Of(text.slice(offset)))]

const base64Of = (text: string) => [Buffer.from(text).toString('base64'), Buffer.from(text).toString('base64url')]

const partsOf = (text: string) => Array.from({length: Math.max(0, text.length - length + 1)}, (_, start) => text.slice(start, start + length))

/** Every file below a folder, with its content and its permission bits in octal. */
export async function filesIn(folder: string): Promise<{path: string; mode: string; content: string}[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true})
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(
    paths.map(async (path) => ({
      path: path.slice(folder.length + 1),
      mode: ((await stat(path)).mode & 0o777).toString(8),
      content: await readFile(path, 'latin1'),
    })),
  )
}
