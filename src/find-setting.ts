import {StratError} from './errors.ts'
import {looksSecret} from './secret.ts'

/** Where a setting's value came from, strongest first. */
export type Source = 'flag' | 'environment' | 'login' | 'file' | 'default'

export type Setting<T = unknown> = {value: T; source: Source; from: string}

export type Environment = Record<string, string | undefined>

/** How one setting is found. */
export type Lookup<T> = {
  flag?: [name: string, value: T | undefined]
  env?: string[]
  parse?: (text: string, from: string) => T
  /** The file of `strat login`, where that stored a value. */
  login?: [file: string, value: T | undefined]
  key?: [name: string, value: T | undefined]
  fallback: T
  /** Only whether it is set is known and shown. */
  isSecret?: boolean
}

/** The value of a setting and where it comes from: the strongest source that has one. */
export function findSetting<T>(
  {flag, env = [], parse, login, key, fallback, isSecret}: Lookup<T>,
  environment: Environment,
  file: string | undefined,
): Setting<T> {
  if (flag?.[1] !== undefined) return {value: flag[1], source: 'flag', from: flag[0]}
  for (const name of env) {
    const text = environment[name]
    // An empty variable counts as none: CI systems pass unset secrets so.
    if (text && !isSecret && looksSecret(text)) throw invalid(name, 'it holds a secret, which would be shown')
    if (text && parse) return {value: parse(text, name), source: 'environment', from: name}
  }
  if (login?.[1] !== undefined) return {value: login[1], source: 'login', from: login[0]}
  if (key?.[1] !== undefined) return {value: key[1], source: 'file', from: file ?? ''}
  return {value: fallback, source: 'default', from: ''}
}

/** The error for a flag or an environment variable with a wrong value, which itself is not shown: it may be a secret in the wrong variable. */
export const invalid = (from: string, reason: string) =>
  new StratError('ENVIRONMENT_INVALID', `${from} has no valid value: ${reason}.`, {
    suggestions: [`Correct ${from}, or unset it.`, 'strat config shows where each setting comes from.'],
  })
