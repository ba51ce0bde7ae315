import {existsSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {basename, dirname, join, resolve} from 'node:path'
import type {StratConfig} from './define-config.ts'
import {messageOf, StratError} from './errors.ts'
import {importUserFile} from './import-user-file.ts'
import {nearest} from './nearest.ts'
import {looksSecret} from './secret.ts'
import {withTimeout} from './timeout.ts'

export const configFileNames = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `strat.config.${extension}`)

/** A project's configuration file, validated; `file` is undefined where there is none. */
export type LoadedConfig = {file: string | undefined; config: StratConfig}

/**
 * Finds the configuration file in `cwd` or the nearest folder above it, and reads it.
 *
 * @throws StratError CONFIG_AMBIGUOUS, CONFIG_UNREADABLE, CONFIG_SECRET, CONFIG_INVALID
 */
export async function loadConfig(cwd: string): Promise<LoadedConfig> {
  const file = findConfigFile(cwd)
  if (file === undefined) return {file, config: {}}
  return {file, config: await validate(file, file.endsWith('.json') ? await readJson(file) : await importConfig(file))}
}

function findConfigFile(cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const found = configFileNames.filter((name) => existsSync(join(folder, name)))
    if (found.length > 1) {
      throw new StratError('CONFIG_AMBIGUOUS', `${folder} has more than one configuration: ${found.join(', ')}.`, {suggestions: ['Keep one of them.']})
    }
    if (found[0] !== undefined) return join(folder, found[0])
    if (folder === dirname(folder)) return undefined
  }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    // The parser's message quotes the text around the mistake, which may be a secret.
    throw unreadable(
      file,
      error instanceof SyntaxError ? 'it is not JSON' : messageOf(error),
      'Look for a missing or superfluous comma, or quotes that are not ".',
    )
  }
}

async function importConfig(file: string): Promise<unknown> {
  const late = () => unreadable(file, `it did not load within ${loadLimitMs / 1000} seconds`, 'Look for a promise in it that never settles.')
  try {
    const module = await withTimeout(importUserFile(file), loadLimitMs, late)
    if (module['default'] === undefined) throw unreadable(file, 'it has no default export', 'Write export default defineConfig({…})')
    return module['default']
  } catch (error) {
    if (error instanceof StratError) throw error
    const reason = error instanceof SyntaxError ? 'it has a syntax error' : messageOf(error)
    throw unreadable(file, reason, `node --check ${basename(file)} shows where a syntax error is.`)
  }
}

const loadLimitMs = 5000

const unreadable = (file: string, reason: string, suggestion: string) =>
  new StratError('CONFIG_UNREADABLE', `${file} cannot be read: ${reason}.`, {suggestions: [suggestion]})

async function validate(file: string, exported: unknown): Promise<StratConfig> {
  refuseSecrets(file, exported, [])
  const {checkConfig} = await import('./config-schema.ts')
  const {config, problem} = checkConfig(exported)
  if (config) return config
  const key = problem.path.join('.')
  if (!problem.knownKeys) {
    throw new StratError('CONFIG_INVALID', `${file}: ${key || 'the configuration'}: ${problem.message}.`, {
      suggestions: ['strat config shows the settings and where each comes from.'],
    })
  }
  const similar = nearest(problem.path.at(-1) ?? '', problem.knownKeys).map((name) => [...problem.path.slice(0, -1), name].join('.'))
  throw new StratError('CONFIG_INVALID', `${file} has an unknown key: ${key}.`, {
    suggestions: similar.length > 0 ? similar : [`Known here: ${problem.knownKeys.join(', ')}`],
  })
}

const secretKey = /token$|secret$|password|privatekey|apikey/i

/** A configuration is committed, so a secret in it is lost: say so before anything else, without repeating it. */
function refuseSecrets(file: string, value: unknown, path: string[]): void {
  if (typeof value === 'string' && (secretKey.test(path.at(-1) ?? '') || looksSecret(value))) {
    throw holdsSecret(file, path)
  }
  if (typeof value !== 'object' || value === null || path.length > 10) return
  for (const [key, inner] of Object.entries(value)) {
    if (looksSecret(key)) throw holdsSecret(file, [...path, 'a key'])
    refuseSecrets(file, inner, [...path, key])
  }
}

const holdsSecret = (file: string, path: string[]) =>
  new StratError('CONFIG_SECRET', `${file} holds a secret: ${path.join('.')}.`, {
    suggestions: ['Put it into the environment instead: TURSO_API_TOKEN, GITHUB_TOKEN.', 'If the file was ever committed or shared, revoke the secret.'],
  })
