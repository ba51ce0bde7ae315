import {expect, test} from 'vitest'
import {verifyArchive} from '../../../src/archive/verify-archive.ts'
import {opening, usingPair, write} from '../../helpers/archive-pair.ts'

test('a place that became a text is read past, also where it is the last of a page', async () => {
  await usingPair(async (pair) => {
    write(pair.archive, 'DROP TRIGGER archive_batches_insert')
    write(
      pair.archive,
      `WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 1000)
        INSERT INTO archive_batches (batch_id, source_database_id, row_count, rows_sha256, copied_at, tool_version, sequence)
        SELECT printf('batch-%04d', value), 'id', 1, '', '', '', iif(value = 1000, 'x', value) FROM n`,
    )
    const {batches, counts} = await opening(pair, (_, archive) => verifyArchive({archive, onProgress: () => undefined}))
    expect(batches).toBe(1000)
    expect(counts).toMatchObject({'manifest-altered': 1000, 'rows-missing': 1000, 'chain-gap': 1})
  })
})
