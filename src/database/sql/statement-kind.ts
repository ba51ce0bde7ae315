import {indexOutside} from './nesting.ts'
import {afterExplain, wordAt} from './split.ts'
import type {Token} from './tokens.ts'

/**
 * What a statement is to the server: who may run it, and what blocks it. `unsupported` is refused to everyone.
 * The groups are sqld's own (`StmtKind` in libsql-server/src/query_analysis.rs).
 */
export type StatementKind = 'begin' | 'end' | 'read' | 'write' | 'savepoint' | 'release' | 'explain' | 'unsupported'

const readingPragmas = words(
  'table_list index_list table_info table_xinfo index_info index_xinfo pragma_list compile_options database_list function_list module_list encoding',
)
const otherPragmas = words(
  'defer_foreign_keys foreign_keys foreign_key_list foreign_key_check collation_list data_version freelist_count integrity_check legacy_file_format page_count quick_check stats user_version',
)
/** These may be read, not set. */
const fixedPragmas = words(
  'analysis_limit application_id auto_vacuum automatic_index busy_timeout cache_size cache_spill cell_size_check checkpoint_fullfsync fullfsync hard_heap_limit journal_mode journal_size_limit legacy_alter_table locking_mode max_page_count mmap_size page_size query_only read_uncommitted recursive_triggers reverse_unordered_selects schema_version secure_delete soft_heap_limit synchronous temp_store threads trusted_schema wal_autocheckpoint',
)

/** The kind of one statement; of a text with a syntax error it may be any. */
export function kindOf(tokens: Token[]): StatementKind {
  const at = afterExplain(tokens)
  const first = mainWord(tokens, at)
  if (at > 0) return first === 'pragma' ? pragmaKind(tokens, at + 1) : 'explain'
  switch (first) {
    case 'begin':
      return 'begin'
    case 'commit':
    case 'end':
      return 'end'
    case 'rollback':
      return tokens.some((_, index) => wordAt(tokens, index) === 'to') ? 'release' : 'end'
    case 'savepoint':
    case 'release':
      return first
    case 'select':
    case 'values':
      return 'read'
    case 'insert':
    case 'replace':
    case 'update':
    case 'delete':
    case 'alter':
    case 'drop':
      return 'write'
    case 'create':
      // A temporary object is bound to a connection, and a stream's connection is nobody's for long.
      return /^temp(orary)?$/.test(wordAt(tokens, 1) ?? '') || isInTemp(tokens) ? 'unsupported' : 'write'
    case 'pragma':
      return pragmaKind(tokens, 1)
    case 'vacuum':
    case 'analyze':
    case 'reindex':
    case 'attach':
    case 'detach':
      return 'unsupported'
    default:
      // A syntax error, which the database itself puts best.
      return 'read'
  }
}

/** The word that says what is done: that of the statement behind `WITH …`, else the first. */
export const mainWord = (tokens: Token[], at = afterExplain(tokens)): string | undefined => wordAt(tokens, mainIndex(tokens, at))

/** Where that word stands. */
export function mainIndex(tokens: Token[], at = afterExplain(tokens)): number {
  if (wordAt(tokens, at) !== 'with') return at
  const main = indexOutside(tokens, at + 1, ['select', 'values', 'insert', 'replace', 'update', 'delete'])
  return main < tokens.length ? main : at
}

/** `CREATE TABLE temp.x`, in each spelling of the database's name. */
function isInTemp(tokens: Token[]): boolean {
  const name = /^["'`[]?(?:temp|temporary)["'`\]]?$/i
  return tokens.some(({text}, index) => name.test(text) && wordAt(tokens, index + 1) === '.')
}

function pragmaKind(tokens: Token[], at: number): StatementKind {
  const hasDatabase = wordAt(tokens, at + 1) === '.'
  const name = wordAt(tokens, hasDatabase ? at + 2 : at) ?? ''
  const hasArgument = tokens.length > (hasDatabase ? at + 3 : at + 1)
  if (readingPragmas.has(name)) return 'read'
  if (otherPragmas.has(name)) return 'write'
  return fixedPragmas.has(name) && !hasArgument ? 'write' : 'unsupported'
}

function words(text: string): Set<string> {
  return new Set(text.split(' '))
}
