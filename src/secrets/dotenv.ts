import {access, chmod, constants, lstat, readdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {parseEnv} from 'node:util'
import {decodeDatabaseToken} from '../database-token.ts'
import {hasCode, StratError} from '../errors.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import {removeVariables, setVariables} from './dotenv-text.ts'
import {fingerprintOf} from './fingerprint.ts'
import {isIgnoredByGit} from './git-ignore.ts'
import {checkSecrets, type SecretStore, secretNames, type TokenRecord} from './secret-store.ts'

/** Keeps a bot's secrets in `.env.<strategy>` in a folder: for its owner only, replaced in one step, everything else in it left as it is. */
export function dotenvStore({folder}: {folder: string}): SecretStore {
  const fileOf = (strategy: string) => join(folder, `.env.${strategy}`)
  // No strategy's name begins so, and git ignores it as it does the others.
  const noteOf = (name: string) => join(folder, `.env.strat-${name}`)
  const placesOf = (strategy: string) => secretNames.map((name) => ({store: 'dotenv', scope: basename(fileOf(strategy)), name}))
  return {
    kind: 'dotenv',

    placesOf,

    async check(strategy) {
      const file = fileOf(strategy)
      await refusingUnwritable(file, async () => {
        await access(folder, constants.W_OK | constants.X_OK)
        const text = await readText(file)
        if (text !== undefined) await keepPrivate(file)
        edited(file, setVariables(text ?? '', {TURSO_DB_URL: 'url', TURSO_AUTH_TOKEN: 'token'}))
      })
    },

    async read(strategy) {
      const {TURSO_DB_URL: url = '', TURSO_AUTH_TOKEN: token = ''} = await readVariables(fileOf(strategy))
      return {url: url || null, token: await recordOf(url, token), recordedAt: null, warnings: []}
    },

    async list(strategy) {
      const variables = await readVariables(fileOf(strategy))
      return placesOf(strategy)
        .filter(({name}) => variables[name])
        .map((place) => ({...place, updatedAt: null}))
    },

    async write(strategy, secrets) {
      checkSecrets(secrets)
      const file = fileOf(strategy)
      await refusingUnwritable(file, async () => replaceFile(file, edited(file, setVariables((await readText(file)) ?? '', secrets))))
      return {warnings: (await isIgnoredByGit(file)) === false ? [notIgnored(file)] : []}
    },

    // The token itself is there, and tells.
    record: async () => undefined,

    async remove(strategy) {
      const file = fileOf(strategy)
      return refusingUnwritable(file, async () => {
        const text = await readText(file)
        if (text === undefined) return []
        const variables = parseEnv(text)
        const rest = edited(file, removeVariables(text, secretNames))
        if (rest.trim() === '') await rm(file, {force: true})
        else if (rest !== text) await replaceFile(file, rest)
        return secretNames.filter((name) => name in variables)
      })
    },

    readNote: async (name) => (await readText(noteOf(name)))?.trimEnd(),

    async writeNote(name, text) {
      const file = noteOf(name)
      await refusingUnwritable(file, () => (text === undefined ? rm(file, {force: true}) : replaceFile(file, `${text}\n`)))
    },
  }
}

/** What a token in a file says of itself. */
async function recordOf(url: string, token: string): Promise<TokenRecord | null> {
  const claims = decodeDatabaseToken(token)
  return claims ? {...claims, issuedAt: claims.issuedAt ?? new Date(0), url, template: null, tokenSha256: await fingerprintOf(token), runId: null} : null
}

const readVariables = async (file: string) => parseEnv((await readText(file).catch(() => undefined)) ?? '')

/** A file that somebody else made, or opened to others, is for its owner only from now on. */
async function keepPrivate(file: string): Promise<void> {
  await access(file, constants.W_OK)
  if (((await stat(file)).mode & 0o077) !== 0) await chmod(file, 0o600)
}

/** The content of a plain file, or undefined where there is none. */
async function readText(file: string): Promise<string | undefined> {
  const status = await lstat(file).catch((error) => {
    if (!hasCode(error, 'ENOENT')) throw error
  })
  if (!status) return undefined
  if (!status.isFile()) throw unwritable(file, status.isSymbolicLink() ? 'it is a link' : 'it is no file')
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(await readFile(file))
  } catch (error) {
    // Somebody took it away meanwhile.
    if (hasCode(error, 'ENOENT')) return undefined
    throw error instanceof TypeError ? unwritable(file, 'it is not text in UTF-8') : error
  }
}

function edited(file: string, text: string | undefined): string {
  if (text !== undefined) return text
  throw unwritable(file, 'it has lines that programs read in different ways, such as a quote without an end')
}

/** The draft has a name that git ignores if it ignores the file; what a run that died left of one goes with the next. */
async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${crypto.randomUUID()}.tmp`
  try {
    await writeFile(draft, text, {mode: 0o600, flag: 'wx', flush: true})
    await rename(draft, file)
  } finally {
    await rm(draft, {force: true})
  }
  const drafts = (await readdir(dirname(file))).filter((name) => name.startsWith(`${basename(file)}.`) && name.endsWith('.tmp'))
  await Promise.all(drafts.map((name) => removeIfOld(join(dirname(file), name))))
}

/** A draft that is younger may be another process's, which is about to rename it. */
async function removeIfOld(draft: string): Promise<void> {
  const status = await stat(draft).catch(() => undefined)
  if (status && Date.now() - status.mtimeMs > 60_000) await rm(draft, {force: true})
}

async function refusingUnwritable<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await translatingStorageErrors(file, work)
  } catch (error) {
    if (error instanceof StratError && error.code === 'STORAGE_READ_ONLY') throw unwritable(file, 'it or its folder cannot be written', error)
    throw error
  }
}

const unwritable = (file: string, reason: string, cause?: unknown) =>
  new StratError('SECRETS_UNWRITABLE', `${file} cannot keep a bot's secrets: ${reason}.`, {
    suggestions: [
      'Make it a plain text file that you may write, or move it away.',
      'strat create --secrets none leaves it alone, and strat env prints the secrets instead.',
    ],
    cause,
  })

const notIgnored = (file: string) =>
  `git does not ignore ${basename(file)}, which holds a secret. Add the line .env.* to .gitignore; if the file was committed before, git rm --cached ${basename(file)}`
