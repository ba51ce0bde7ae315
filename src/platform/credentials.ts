import {readFileSync} from 'node:fs'
import {chmod, rename, rm, writeFile} from 'node:fs/promises'
import {homedir, userInfo} from 'node:os'
import {dirname, isAbsolute, join} from 'node:path'
import {messageOf, StratError} from '../errors.ts'
import {makeDirectory} from '../make-directory.ts'

/** What `strat login` stored: the platform token for each API, by its URL. */
type Credentials = Record<string, {apiToken: string}>

/** Where the credentials of the user are; `configHome` is `XDG_CONFIG_HOME`, which counts only where it is absolute. */
export function credentialsFile(configHome: string | undefined): string {
  const folder = configHome && isAbsolute(configHome) ? configHome : join(isAbsolute(homedir()) ? homedir() : userInfo().homedir, '.config')
  return join(folder, 'strat', 'credentials.json')
}

/** The platform token that is stored for an API, a secret; undefined where there is none, or the file cannot be read: then `strat login` writes it anew. */
export const storedApiToken = (file: string, apiUrl: string): string | undefined => readCredentials(file)[apiUrl]?.apiToken

/**
 * Stores the platform token for an API, for the user only, all of it or nothing.
 *
 * @throws StratError CREDENTIALS_NOT_STORED
 */
export const storeApiToken = (file: string, apiUrl: string, apiToken: string): Promise<void> =>
  writeCredentials(file, {...readCredentials(file), [apiUrl]: {apiToken}})

/**
 * Forgets the platform token for an API, and says whether there was one.
 *
 * @throws StratError CREDENTIALS_NOT_STORED
 */
export async function removeApiToken(file: string, apiUrl: string): Promise<boolean> {
  const {[apiUrl]: removed, ...others} = readCredentials(file)
  if (removed) await writeCredentials(file, others)
  return removed !== undefined
}

function readCredentials(file: string): Credentials {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Object.fromEntries(Object.entries(parsed ?? {}).filter(isCredential))
  } catch {
    return {}
  }
}

const isCredential = (entry: [string, unknown]): entry is [string, {apiToken: string}] =>
  typeof entry[1] === 'object' && entry[1] !== null && 'apiToken' in entry[1] && typeof entry[1].apiToken === 'string'

async function writeCredentials(file: string, credentials: Credentials): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`
  try {
    await makeDirectory(dirname(file))
    await chmod(dirname(file), 0o700)
    await rm(draft, {force: true})
    await writeFile(draft, `${JSON.stringify(credentials, null, 2)}\n`, {mode: 0o600, flag: 'wx'})
    await rename(draft, file)
  } catch (error) {
    await rm(draft, {force: true}).catch(() => undefined)
    throw new StratError('CREDENTIALS_NOT_STORED', `${file} cannot be written: ${messageOf(error)}.`, {
      suggestions: ['Check owner and permissions of its folder.', 'Or set TURSO_API_TOKEN instead of logging in.'],
      cause: error,
    })
  }
}
