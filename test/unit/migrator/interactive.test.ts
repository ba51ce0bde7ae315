import {execFile} from 'node:child_process'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {expect} from 'vitest'
import {execute, query} from '../../helpers/database.ts'
import {test} from '../../helpers/test.ts'

const script = fileURLToPath(new URL('../../helpers/run-interactively.ts', import.meta.url))

test.for(['sync', 'of statements'])('a loop that never ends (%s) is rolled back, and others may write', async (kind, {folder}) => {
  const file = join(folder, 'test.db')
  await execute(file, 'PRAGMA journal_mode = WAL', 'CREATE TABLE t (x)')
  const {stdout} = await promisify(execFile)(process.execPath, [script, file, kind])
  expect(stdout).toBe('The migration 0002_loop did not run within 0.5 seconds')
  expect(await query(file, 'SELECT x FROM t')).toEqual([{x: 3}])
})
