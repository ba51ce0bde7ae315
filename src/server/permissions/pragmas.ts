/** They tell the schema and the settings, and take an argument without changing anything. */
const inspecting = new Set(['table_info', 'table_xinfo', 'table_list', 'index_list', 'index_info', 'index_xinfo', 'foreign_key_list'])

/** They tell something that is no row of any table, and only that as long as they get no value. */
const telling = new Set([
  'application_id',
  'collation_list',
  'compile_options',
  'data_version',
  'defer_foreign_keys',
  'encoding',
  'foreign_keys',
  'freelist_count',
  'function_list',
  'journal_mode',
  'module_list',
  'page_count',
  'page_size',
  'pragma_list',
  'schema_version',
  'user_version',
])

/** Whether a pragma, by its folded name, is only read. `foreign_key_check` and `integrity_check` are not among them: they tell of rows. */
export const isReadingPragma = (name: string, value: string | null): boolean => inspecting.has(name) || (value === null && telling.has(name))

/** Whether a pragma changes how this connection checks foreign keys: clients set it before they write. */
export const isForeignKeyPragma = (name: string): boolean => name === 'foreign_keys' || name === 'defer_foreign_keys'
