import type {Statement} from '../database/database.ts'
import {messageOf} from '../errors.ts'

// No statement of SQLite's fails on a condition outside of triggers; a JSON path that is none does, and its text is in the message.
const mark = 'strat-archive: '

/** A statement that fails, and so rolls back the transaction that it stands in, with the word of the first condition (SQL) that holds. */
export const failWhere = (conditions: [condition: string, word: string][], args: Statement['args'], more = ''): Statement => ({
  sql: `SELECT json_extract('[1]', CASE ${conditions.map(([condition, word]) => `WHEN ${condition} THEN '${mark}${word}'`).join(' ')} END)${more}`,
  ...(args && {args}),
})

/** The word of the condition by which a transaction failed, if that is what it failed by. */
export const wordOf = (error: unknown): string | undefined => new RegExp(`${mark}([a-z]+)`).exec(messageOf(error))?.[1]
