import {splitAtCommas} from '../database/sql/nesting.ts'
import {wordAt} from '../database/sql/split.ts'
import {foldName, type Token} from '../database/sql/tokens.ts'

/** A column of a table, by its name as SQLite compares names; a generated one has no values of its own. */
export type Column = {name: string; isGenerated: boolean}

const constraints = ['constraint', 'primary', 'unique', 'check', 'foreign']

/** The columns that stand in the brackets of a `CREATE TABLE`; of a virtual table, the arguments that can be columns. */
export const columnsIn = (tokens: Token[]): Column[] =>
  splitAtCommas(tokens)
    .filter((definition) => !constraints.includes(wordAt(definition, 0) ?? '') && wordAt(definition, 1) !== '=')
    .flatMap(columnOf)

/** The column that a definition defines: `name TEXT NOT NULL`. */
export function columnOf(definition: Token[]): Column[] {
  const [name] = definition
  const isGenerated = definition.some((_, index) => wordAt(definition, index) === 'as' && wordAt(definition, index + 1) === '(')
  return name ? [{name: foldName(name.text), isGenerated}] : []
}

/** The names of a table's columns; none where there is no table. */
export const columnsOf = (table: {columns: Column[]} | undefined): string[] => (table?.columns ?? []).map(({name}) => name)
