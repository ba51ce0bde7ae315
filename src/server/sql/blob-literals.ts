import {scan} from './tokens.ts'

/** Whether a blob literal stands in an SQL text: `x'00ff'`. */
export function mentionsBlob(sql: string): boolean {
  if (!/x'/i.test(sql)) return false
  let afterX = -1
  for (const {text, start} of scan(sql)) {
    if (start === afterX && text.startsWith("'")) return true
    afterX = text === 'x' || text === 'X' ? start + 1 : -1
  }
  return false
}
