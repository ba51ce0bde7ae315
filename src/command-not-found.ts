import type {Hook} from '@oclif/core/hooks'
import {StratError} from './errors.ts'
import {nearest} from './nearest.ts'

/** Answers an unknown command with the ones that it may have meant. */
export const commandNotFound: Hook<'command_not_found'> = async ({id, config}) => {
  const typed = id.replaceAll(':', ' ')
  const known = config.commands.filter(({hidden}) => !hidden).map((command) => command.id.replaceAll(':', ' '))
  const [word = typed] = typed.split(' ')
  const similar = [...new Set([...nearest(typed, known), ...nearest(word, known)])]
  throw new StratError('COMMAND_UNKNOWN', `There is no command ${typed}.`, {
    suggestions: similar.length > 0 ? similar.map((command) => `${config.bin} ${command}`) : [`${config.bin} --help`],
  })
}
