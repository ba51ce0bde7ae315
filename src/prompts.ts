import {StratError} from './errors.ts'

/** Whether there is a person to ask: prompts are read from stdin and written to stderr. */
const canAsk = () => process.stdin.isTTY === true && process.stderr.isTTY === true && !process.env['CI']

async function prompt<T extends Record<string, unknown>>(question: {type: 'input'; name: keyof T & string; message: string}): Promise<T> {
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
    throw new StratError('CONFIRMATION_REQUIRED', `${consequence} Confirm it by its name.`, {suggestions: [`--confirm ${name}`]})
  }
  const {typed} = await prompt<{typed: string}>({type: 'input', name: 'typed', message: `${consequence} Type ${name} to confirm:`})
  return typed.trim()
}
