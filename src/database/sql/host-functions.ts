import {foldName, tokens} from './tokens.ts'

/**
 * What reaches beyond the database: into files of this machine, other code, the server's other statements, the file's
 * pages. Most come with the `libsql` package and are none of Turso's; `edit` is there in case it comes, too.
 */
const functions = new Set(['readfile', 'writefile', 'edit', 'load_extension', 'fts3_tokenizer', 'sha3_query', 'sqlite3mc_config', 'sqlite3mc_codec_data'])
const tables = new Set(['fsdir', 'sqlite_dbpage', 'sqlite_stmt', 'sqlite3mc_config_table'])
const mentions = new RegExp([...functions, ...tables].join('|'), 'i')
const longest = 32

/** The function or table reaching into this machine that an SQL text uses; undefined if it uses none. */
export function hostFunctionIn(sql: string): string | undefined {
  if (!mentions.test(sql)) return undefined
  let last = ''
  for (const token of tokens(sql)) {
    if (token === '(' && functions.has(last)) return last
    last = token.length < longest ? foldName(token) : ''
    if (tables.has(last)) return last
  }
  return undefined
}
