import {stripVTControlCharacters, styleText} from 'node:util'
import {exitCodes, StratError} from '../errors.ts'
import {nearest} from '../nearest.ts'
import {harmless} from './text.ts'

export type ErrorJson = {error: {code: string; message: string; suggestions: string[]}}

/** Shows an error on the stream where it belongs and returns the exit code. No cause and no stack is shown: they may hold a secret. */
export function reportError(thrown: unknown, {json, bin}: {json: boolean; bin: string}): number {
  const error = toStratError(thrown, bin)
  if (json) process.stdout.write(`${JSON.stringify(toErrorJson(error), null, 2)}\n`)
  else process.stderr.write(toText(error))
  if (process.env['STRAT_DEBUG'] && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`)
  return exitCodes[error.code]
}

export const toErrorJson = ({code, message, suggestions}: StratError): ErrorJson => ({error: {code, message, suggestions}})

function toText({code, message, suggestions}: StratError): string {
  const style = (format: Parameters<typeof styleText>[0], text: string) => styleText(format, text, {stream: process.stderr})
  const lines = [
    `${style('red', 'Error:')} ${harmless(message)}`,
    ...suggestions.map((suggestion) => `  ${style('bold', 'Try:')} ${harmless(suggestion)}`),
    style('dim', `  ${code}`),
  ]
  return `${lines.join('\n')}\n`
}

/** Every error as one of ours: oclif's become usage errors, an interrupted prompt an interruption, the rest a bug. */
function toStratError(thrown: unknown, bin: string): StratError {
  if (thrown instanceof StratError) return withoutFrame(thrown)
  if (!(thrown instanceof Error)) return new StratError('UNEXPECTED', String(thrown))
  if (thrown.name === 'ExitPromptError') return new StratError('INTERRUPTED', 'Interrupted; nothing was changed.')
  if ('oclif' in thrown) return toUsageError(thrown, bin)
  return new StratError('UNEXPECTED', `${thrown.message} (this is a bug of strat)`, {
    suggestions: ['Run the command again with STRAT_DEBUG=1 and report what it prints; look through it for secrets first.'],
    cause: thrown,
  })
}

/** oclif puts a line before and one behind what a flag's own check says. */
function withoutFrame(error: StratError): StratError {
  const [, message] = /^Parsing --\S+ \n\t(.*)\nSee more help with --help$/s.exec(error.message) ?? []
  return message === undefined ? error : new StratError(error.code, message, {suggestions: error.suggestions, cause: error})
}

type ParseError = Error & {flags?: string[]; parse?: {input?: {flags?: Record<string, unknown>}}}

function toUsageError(error: ParseError, bin: string): StratError {
  const message = stripVTControlCharacters(error.message)
    .replace(/\n?See more help with --help$/, '')
    .replace(/^Parsing (--\S+) \n\t/, '$1: ')
    .trim()
  const known = Object.keys(error.parse?.input?.flags ?? {}).map((flag) => `--${flag}`)
  const unknown = message.startsWith('Nonexistent flag') ? (error.flags ?? []) : []
  const similar = unknown.flatMap((flag) => nearest(flag, known))
  return new StratError('USAGE', message, {suggestions: similar.length > 0 ? similar : [`${bin} --help`], cause: error})
}
