import {describePermissions} from '../../../helpers/describe-permissions.ts'

const everyDataAction = 'data_read data_add data_update data_delete'
const schema = [
  'CREATE TABLE latest (id INTEGER PRIMARY KEY, a TEXT, UNIQUE (a) ON CONFLICT REPLACE)',
  'CREATE TABLE harmless (id INTEGER PRIMARY KEY, a TEXT DEFAULT \'ON CONFLICT REPLACE\' /* ON CONFLICT REPLACE */, "replace" TEXT)',
  'CREATE TABLE stats (id INTEGER PRIMARY KEY, n INTEGER)',
  'CREATE TABLE counted (id INTEGER PRIMARY KEY)',
  'CREATE TRIGGER count AFTER INSERT ON counted BEGIN INSERT OR REPLACE INTO stats VALUES (1, 2); END',
  'CREATE TABLE outer_log (id INTEGER PRIMARY KEY)',
  'CREATE TRIGGER forward AFTER INSERT ON outer_log BEGIN REPLACE INTO counted VALUES (1); END',
]

describePermissions(schema, [
  ['a table that replaces by its definition', 'latest: data_read data_add data_update', [], ['INSERT INTO latest (a) VALUES (1)', 'UPDATE latest SET a = 2']],
  ['the same with data_delete', `latest: ${everyDataAction}`, ['INSERT INTO latest (a) VALUES (1)', 'UPDATE latest SET a = 2'], []],
  [
    'the words in strings, comments and names',
    'harmless: data_add data_update',
    ['INSERT INTO harmless (a) VALUES (1)', 'UPDATE harmless SET "replace" = replace(1, 2, 3)'],
    [],
  ],
  [
    'a vertical tab, which is white space behind other white space',
    'stats: data_read data_add data_update',
    [],
    ['REPLACE \vINTO stats VALUES (1, 2)', 'INSERT OR \vREPLACE \vINTO stats VALUES (1, 2)', 'UPDATE OR \vREPLACE stats SET id = 1'],
  ],
  ['a trigger that replaces', 'counted stats: data_add', [], ['INSERT INTO counted VALUES (1)']],
  [
    'a trigger that replaces, with data_delete where it does',
    'counted: data_add; stats: data_add data_delete',
    ['INSERT INTO counted VALUES (1)'],
    ['INSERT OR REPLACE INTO counted VALUES (1)'],
  ],
  ['triggers of triggers', 'outer_log: data_add; counted: data_add data_delete; stats: data_add', [], ['INSERT INTO outer_log VALUES (1)']],
  ['triggers of triggers, with every right', 'outer_log: data_add; counted stats: data_add data_delete', ['INSERT INTO outer_log VALUES (1)'], []],
])
