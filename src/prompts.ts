import {StratError} from './errors.ts'
import {patternTest} from './fleet/waves.ts'
import type {Danger} from './migrator/danger.ts'

/** Whether there is a person to ask: prompts are read from stdin and written to stderr. */
const canAsk = () => process.stdin.isTTY === true && process.stderr.isTTY === true && !process.env['CI']

type Question = {type: 'input' | 'password' | 'confirm'; name: string; message: string; default?: boolean}

async function prompt<T extends Record<string, unknown>>(question: Question & {name: keyof T & string}): Promise<T> {
  const {default: inquirer} = await import('inquirer')
  const ask = inquirer.createPromptModule({output: process.stderr})
  return (await ask([question])) as T
}

/**
 * Asks for the name of a new strategy.
 *
 * @throws StratError STRATEGY_NAME_REQUIRED where there is nobody to ask
 */
export async function askStrategyName(): Promise<string> {
  if (!canAsk()) throw new StratError('STRATEGY_NAME_REQUIRED', 'The new strategy needs a name.', {suggestions: ['strat create stage-condor']})
  const {name} = await prompt<{name: string}>({type: 'input', name: 'name', message: 'Name of the strategy (stage-… or live-…):'})
  return name.trim()
}

/**
 * Makes sure that a strategy is meant to be lost: its name is typed, or given as `--confirm NAME`.
 *
 * @throws StratError CONFIRMATION_REQUIRED where there is nobody to ask, CONFIRMATION_WRONG for another name
 */
export async function confirmByName(name: string, consequence: string, confirmed: string | undefined): Promise<void> {
  const typed = confirmed ?? (await askToType(name, consequence))
  if (typed === name) return
  throw new StratError('CONFIRMATION_WRONG', `"${typed}" is not ${name}; nothing was changed.`, {suggestions: [`--confirm ${name}`]})
}

async function askToType(name: string, consequence: string): Promise<string> {
  if (!canAsk()) {
    throw new StratError('CONFIRMATION_REQUIRED', `${consequence} Confirm it by ${name === 'live' ? 'the word live' : 'its name'}.`, {
      suggestions: [`--confirm ${name}`],
    })
  }
  const {typed} = await prompt<{typed: string}>({type: 'input', name: 'typed', message: `${consequence} Type ${name} to confirm:`})
  return typed.trim()
}

/** What a change of the fleet asks for, and what was agreed to by flags. */
export type Agreement = {yes: boolean; confirm: string[]}

/**
 * Makes sure that live strategies are meant to be changed, by `live`, by patterns or by the name of each, and asks a person whether
 * data is meant to be dropped. A job is not stopped for that: its migrations were read by somebody before.
 *
 * @throws StratError CONFIRMATION_REQUIRED where there is nobody to ask, CONFIRMATION_WRONG for something else
 */
export async function confirmChange({databases, live, destructive}: Danger, {yes, confirm}: Agreement): Promise<void> {
  if (live.length > 0) return confirmLive(live, confirm)
  if (destructive.length === 0 || yes || !canAsk()) return
  const subject = databases === 1 ? 'one database' : `${databases} databases`
  const {agreed} = await prompt<{agreed: boolean}>({type: 'confirm', name: 'agreed', message: `This drops data in ${subject}. Go on?`, default: false})
  if (!agreed)
    throw new StratError('CONFIRMATION_WRONG', 'Not confirmed; nothing was changed.', {suggestions: ['strat migrate plan shows what would be done.']})
}

async function confirmLive(live: string[], confirm: string[]): Promise<void> {
  const [only = ''] = live
  const names = `${live.slice(0, 3).join(', ')}${live.length > 3 ? ', …' : ''}`
  const subject = live.length === 1 ? `the live strategy ${only}` : `${live.length} live strategies (${names})`
  const agreed = confirm.length > 0 ? confirm : [await askToType(live.length === 1 ? only : 'live', `This changes ${subject}.`)]
  const tests = agreed.map(patternTest)
  if (agreed.includes('live') || live.every((name) => tests.some((test) => test.test(name)))) return
  throw new StratError('CONFIRMATION_WRONG', `"${agreed.join(', ')}" does not confirm a change of ${subject}; nothing was changed.`, {
    suggestions: ['--confirm live'],
  })
}

/** No token is longer; what is piped by mistake may be. */
const maxSecretLength = 100_000

/**
 * Reads a platform token: from a prompt that does not show it, or from stdin where that is no terminal, without its one trailing newline.
 *
 * @throws StratError TOKEN_REQUIRED where there is nobody to ask, or nothing came
 */
export async function readApiToken(apiUrl: string): Promise<string> {
  const token = process.stdin.isTTY ? await askApiToken(apiUrl) : (await readStdin()).replace(/\r?\n$/, '')
  if (token !== '') return token
  throw tokenRequired('No platform token came.')
}

async function askApiToken(apiUrl: string): Promise<string> {
  if (!canAsk()) throw tokenRequired('strat login needs the platform token.')
  const {apiToken} = await prompt<{apiToken: string}>({type: 'password', name: 'apiToken', message: `Platform token for ${apiUrl} (it is not shown):`})
  return apiToken.trim()
}

async function readStdin(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk
    if (text.length > maxSecretLength) break
  }
  return text
}

const tokenRequired = (message: string) =>
  new StratError('TOKEN_REQUIRED', message, {suggestions: ['strat login < token.txt', 'turso auth api-tokens mint NAME makes a platform token.']})
