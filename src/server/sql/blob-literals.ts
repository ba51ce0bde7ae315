import {tokens} from '../../database/sql/tokens.ts'

/** Whether a blob literal stands in an SQL text: `x'00ff'`. */
export function mentionsBlob(sql: string): boolean {
  if (!/x'/i.test(sql)) return false
  for (const token of tokens(sql)) if (/^x'/i.test(token)) return true
  return false
}
