import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {describe, expect, test} from 'vitest'
import {usingDatabase} from '../../../src/database/connect.ts'
import {recordDowns, recordingsIn} from '../../../src/migrator/recordings.ts'
import {type Pair, rowsIn, usingPair, write} from '../../helpers/archive-pair.ts'
import {projectRoot} from '../../helpers/strat.ts'

const batch = (id: string, {sealedAt = 'NULL', sequence = 'NULL', rowid = 'NULL', verb = 'INSERT'} = {}) => `${verb} INTO archive_batches
  (rowid, batch_id, source_database_id, row_count, rows_sha256, copied_at, sealed_at, tool_version, sequence)
  VALUES (${rowid}, '${id}', 'id', 1, 'h', 'now', ${sealedAt}, '1', ${sequence})`
const trade = (id: string, batchId: string, verb = 'INSERT') =>
  `${verb} INTO trade_logs VALUES ('id', '${id}', 's', '2025-01-01', 'NIFTY', 'BUY', 1, 1, 'ENTRY', NULL, 'hash', '${batchId}')`

const seal = (id: string, sequence: number, {prev = sequence === 1 ? 'NULL' : `'head ${sequence - 1}'`} = {}) =>
  `UPDATE archive_batches SET sealed_at = 'now', sequence = ${sequence}, prev_sha256 = ${prev}, head_sha256 = 'head ${sequence}' WHERE batch_id = '${id}'`

/** One batch with its trade is sealed, one is open. */
function fill(pair: Pair): void {
  write(pair.archive, batch('sealed', {rowid: '1'}))
  write(pair.archive, trade('old', 'sealed'))
  write(pair.archive, seal('sealed', 1))
  write(pair.archive, batch('open', {rowid: '2'}))
  write(pair.archive, trade('new', 'open'))
}

const contents = (pair: Pair) => [rowsIn(pair, pair.archive, 'SELECT * FROM archive_batches'), rowsIn(pair, pair.archive, 'SELECT * FROM trade_logs')]

describe('what is sealed', () => {
  test('stays as it is whatever way around the seal a statement takes', async () => {
    await usingPair(async (pair) => {
      fill(pair)
      const before = contents(pair)
      const statements = [
        batch('other', {verb: 'REPLACE', sequence: '1'}),
        batch('other', {verb: 'INSERT OR REPLACE', rowid: '1'}),
        batch('sealed', {verb: 'INSERT OR REPLACE'}),
        batch('other', {sequence: '1'}).concat(' ON CONFLICT (sequence) WHERE sequence IS NOT NULL DO UPDATE SET row_count = 2'),
        "UPDATE OR REPLACE archive_batches SET sequence = 1 WHERE batch_id = 'open'",
        "UPDATE OR REPLACE archive_batches SET rowid = 1 WHERE batch_id = 'open'",
        "UPDATE OR REPLACE archive_batches SET batch_id = 'sealed' WHERE batch_id = 'open'",
        "UPDATE OR REPLACE trade_logs SET id = 'old' WHERE id = 'new'",
        "UPDATE trade_logs SET batch_id = 'sealed' WHERE id = 'new'",
        trade('late', 'sealed'),
        trade('new', 'sealed', 'REPLACE'),
        `${trade('new', 'open')} ON CONFLICT DO UPDATE SET batch_id = 'sealed'`,
        `${trade('new', 'open')} ON CONFLICT DO UPDATE SET batch_id = 'open', id = 'old'`,
      ]
      for (const statement of statements) {
        expect(() => write(pair.archive, statement), statement).toThrow(/sealed/)
        expect(contents(pair), statement).toEqual(before)
      }
    })
  })

  test('is sealed whole, as the next batch of the chain, and never as it is added: a seal by hand would end the chain', async () => {
    await usingPair(async (pair) => {
      fill(pair)
      const before = contents(pair)
      const statements = [
        batch('forged', {sequence: '2', sealedAt: "'now'"}),
        batch('forged', {sequence: '2'}),
        batch('forged', {sealedAt: "'now'"}),
        batch('forged').replace('rows_sha256', 'head_sha256, rows_sha256').replace("'h'", "'x', 'h'"),
        "UPDATE archive_batches SET sealed_at = 'by hand' WHERE batch_id = 'open'",
        "UPDATE archive_batches SET head_sha256 = 'by hand' WHERE batch_id = 'open'",
        "UPDATE archive_batches SET sequence = 2, prev_sha256 = 'head 1' WHERE batch_id = 'open'",
        seal('open', 3, {prev: "'head 1'"}),
        seal('open', 2, {prev: 'NULL'}),
        seal('open', 2, {prev: "'x'"}),
        seal('open', 2).replace("'head 2'", 'NULL'),
        seal('open', 2).replace("'now'", 'NULL'),
      ]
      for (const statement of statements) {
        expect(() => write(pair.archive, statement), statement).toThrow(/ sealed /)
        expect(contents(pair), statement).toEqual(before)
      }
      expect(write(pair.archive, seal('open', 2))).toBe(1)
    })
  })

  test('is in the way of nothing that is open', async () => {
    await usingPair(async (pair) => {
      fill(pair)
      const statements = [
        trade('more', 'open'),
        batch('another', {verb: 'REPLACE', rowid: '3'}),
        "UPDATE trade_logs SET batch_id = 'another' WHERE id = 'more'",
        "UPDATE OR REPLACE trade_logs SET id = 'new' WHERE id = 'more'",
        "UPDATE archive_batches SET copied_at = 'later', deleted_at = 'later', row_count = 2 WHERE batch_id = 'another'",
        seal('another', 2),
        "DELETE FROM archive_batches WHERE batch_id = 'open'",
      ]
      for (const statement of statements) expect(write(pair.archive, statement), statement).toBe(1)
    })
  })

  test('keeps its order and what it says of itself: no migration is undone that would drop them', async () => {
    const recordings = await recordingsIn(join(projectRoot, 'migrations'), {trusted: true})('archive')
    const down = (await recordDowns(recordings)).get('0002_seal_order')
    const statements = down?.mode === 'atomic' ? down.statements : []
    await usingPair(async (pair) => {
      const undo = () => usingDatabase({name: 'archive', url: pathToFileURL(pair.archive.file).href}, (database) => database.migrate(statements))
      write(pair.archive, batch('open', {rowid: '1'}))
      const before = contents(pair)
      await expect(undo()).rejects.toThrow(/batches/)
      expect(contents(pair)).toEqual(before)
      write(pair.archive, seal('open', 1))
      await expect(undo()).rejects.toThrow(/batches/)
      expect(rowsIn(pair, pair.archive, 'SELECT sequence, sealed_at FROM archive_batches')).toEqual([{sequence: 1, sealed_at: 'now'}])
    })
  })
})
