import type {Hook} from '@oclif/core/hooks'
import {StratError} from './errors.ts'
import {nearest} from './nearest.ts'
import {looksSecret} from './secret.ts'

/** Answers an unknown command with the ones that it may have meant. */
export const commandNotFound: Hook<'command_not_found'> = async ({id, config}) => {
  const typed = id.replaceAll(':', ' ')
  const known = config.commands.filter(({hidden}) => !hidden).map((command) => command.id.replaceAll(':', ' '))
  const [word = typed] = typed.split(' ')
  const command = known.filter((name) => typed.startsWith(`${name} `)).sort((a, b) => b.length - a.length)[0]
  // Not what came after it: it may be a secret.
  if (command !== undefined) {
    throw new StratError('USAGE', `strat ${command} takes no argument.`, {suggestions: [`${config.bin} ${command} --help`]})
  }
  const similar = [...new Set([...nearest(typed, known), ...nearest(word, known)])]
  throw new StratError('COMMAND_UNKNOWN', `There is no command ${looksSecret(typed) ? 'of that name' : typed}.`, {
    suggestions: similar.length > 0 ? similar.map((command) => `${config.bin} ${command}`) : [`${config.bin} --help`],
  })
}
