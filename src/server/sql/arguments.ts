import type {ParsedStatement} from './parse-statements.ts'
import type {WireStatement} from './protocol.ts'
import {StatementError} from './statement-error.ts'
import {type SqlValue, toSqlValue} from './values.ts'

/**
 * The value of each parameter, in the order of their indexes, by sqld's rules: a name matches with or without its prefix,
 * every parameter needs a value (but in EXPLAIN), and no value may be left over.
 */
export function bindArguments({parameters, isExplain}: ParsedStatement, {args, namedArgs}: Pick<WireStatement, 'args' | 'namedArgs'>): SqlValue[] {
  if (args.length > 0 && namedArgs.length > 0) {
    throw new StatementError('ARGS_BOTH_POSITIONAL_AND_NAMED', 'Specifying both positional and named arguments is not supported')
  }
  const named = new Map(namedArgs.map(({name, value}) => [name, value]))
  const given = args.length + named.size
  if (given > parameters.length) throw invalid(`too many parameters, expected ${parameters.length} found ${given}`)
  return parameters.map((name, index) => {
    const isNamed = name !== null && !name.startsWith('?')
    const value = isNamed ? (named.get(name) ?? named.get(name.slice(1))) : args[name === null ? index : Number(name.slice(1)) - 1]
    if (value) return toSqlValue(value)
    if (isExplain) return null
    throw invalid(`value for parameter ${name ?? index + 1} not found`)
  })
}

const invalid = (reason: string) => new StatementError('ARGS_INVALID', `Arguments do not match SQL parameters: ${reason}`)
