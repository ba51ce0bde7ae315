import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {describe, expect, test} from 'vitest'
import {usingDatabase} from '../../../src/database/connect.ts'
import {inspectDatabase} from '../../../src/database/inspect.ts'
import {recordDowns, recordingsIn} from '../../../src/migrator/recordings.ts'
import {usingPair, write} from '../../helpers/archive-pair.ts'
import {projectRoot} from '../../helpers/strat.ts'

const insertRow = (verb: string) => `${verb} INTO trade_logs VALUES ('id', 'a', 's', '2025-01-01', 'NIFTY', 'BUY', 1, 1, 'ENTRY', NULL, 'hash', 'batch')`
const insertBatch = (verb: string, id = 'batch') => `${verb} INTO archive_batches
  (batch_id, source_database_id, row_count, rows_sha256, copied_at, tool_version) VALUES ('${id}', 'id', 1, 'h', 'now', '1')`
const seal = "UPDATE archive_batches SET sealed_at = 'now', sequence = 1, head_sha256 = 'head' WHERE sealed_at IS NULL"

describe('the archive itself', () => {
  test('refuses to change, delete or replace a sealed row or batch, in any way; an unsealed one it does not', async () => {
    const changes = [
      "UPDATE trade_logs SET price = 2 WHERE id = 'a'",
      "UPDATE trade_logs SET batch_id = 'other'",
      `${insertRow('INSERT')} ON CONFLICT DO UPDATE SET price = 2`,
      insertRow('REPLACE'),
      insertRow('INSERT OR REPLACE'),
      "UPDATE archive_batches SET rows_sha256 = 'x'",
      'UPDATE archive_batches SET sealed_at = NULL',
      insertBatch('REPLACE'),
      'DELETE FROM trade_logs',
      'DELETE FROM archive_batches',
    ]
    for (const change of changes) {
      await usingPair(async ({archive}) => {
        write(archive, insertRow('INSERT'))
        write(archive, insertBatch('INSERT'))
        write(archive, seal)
        expect(() => write(archive, change), change).toThrow(/sealed/)
      })
      await usingPair(async ({archive}) => {
        write(archive, insertRow('INSERT'))
        write(archive, insertBatch('INSERT'))
        expect(write(archive, change), change).toBe(1)
      })
    }
  })

  test('has one place in the chain for one batch', async () => {
    await usingPair(async ({archive}) => {
      write(archive, insertBatch('INSERT'))
      write(archive, seal)
      write(archive, insertBatch('INSERT', 'other'))
      expect(() => write(archive, seal)).toThrow(/sealed/)
    })
  })

  test('is as it was before when the order of sealing is undone', async () => {
    await usingPair(async ({archive}) => {
      const recordings = await recordingsIn(join(projectRoot, 'migrations'), {trusted: true})('archive')
      const [first, second] = recordings
      const downs = await recordDowns(recordings)
      const down = downs.get(second?.name ?? '')
      const statements = down?.mode === 'atomic' ? down.statements : []
      await usingDatabase({name: 'archive', url: pathToFileURL(archive.file).href}, async (database) => {
        await database.migrate(statements)
        const {schema} = await inspectDatabase(database)
        const text = (sql: string) => sql.replaceAll(/\s+/g, '')
        const expected = first?.mode === 'atomic' ? first.statements.map(({sql}) => text(sql)) : []
        expect(
          schema
            .filter(({name}) => /trade_logs|archive_batches/.test(name))
            .map(({sql}) => text(sql))
            .sort(),
        ).toEqual(expected.sort())
      })
    })
  })
})
