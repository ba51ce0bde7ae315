import {StratError} from '../errors.ts'

/** Whether Turso takes a database of this name. */
export const isDatabaseName = (name: string) => name.length <= 64 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)

/**
 * A name that every platform takes; it needs no quoting in a path or a URL.
 *
 * @throws StratError DATABASE_NAME_INVALID
 */
export function checkName(name: string): string {
  if (isDatabaseName(name)) return name
  throw new StratError('DATABASE_NAME_INVALID', `"${name}" cannot be a database's name: lower-case letters, digits and dashes, at most 64.`)
}

/** The error for a database that was to be made, and not found. */
export const nameTaken = (name: string) =>
  new StratError('DATABASE_NAME_TAKEN', `There is a database ${name} already.`, {suggestions: ['Choose another name.']})
