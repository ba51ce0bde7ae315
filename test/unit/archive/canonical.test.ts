import {execFileSync} from 'node:child_process'
import {describe, expect, test} from 'vitest'
import {hashHead, hashRow, hashRows} from '../../../src/archive/canonical.ts'

/** What `sha256sum` says of a text. */
const sha256sum = (text: string) => execFileSync('sha256sum', {input: text}).toString().slice(0, 64)

const batch = {
  sequence: 2,
  batchId: 'batch',
  databaseId: 'id',
  isOpen: false,
  rowCount: 1,
  rowsSha256: 'b'.repeat(64),
  prevSha256: 'a'.repeat(64),
  copiedAt: '2026-06-01T00:00:00.000000000Z',
  deletedAt: '2026-06-01T00:00:01.000Z',
  sealedAt: '2026-06-01T00:00:02.000Z',
  toolVersion: '1.0.0',
}

describe('the hashes of the archive', () => {
  test('are those that sha256sum gives of the documented lines', () => {
    const json = '["é","2025-01-01 09:15:00","NIFTY","BUY",50,0.1,"ENTRY",null]'
    const text = 'strat trade 1\n["id","stage-condor","é","2025-01-01 09:15:00","NIFTY","BUY",50,0.1,"ENTRY",null]\n'
    expect(hashRow({databaseId: 'id', strategy: 'stage-condor'}, json)).toBe(sha256sum(text))
    expect(hashRows([{id: 'a', sha256: '1'}])).toBe(sha256sum('1\n'))
    const lines = ['strat batch 1', 'a'.repeat(64), '2', 'batch', 'id', '0', '1', 'b'.repeat(64), batch.copiedAt, batch.deletedAt, batch.sealedAt, '1.0.0']
    expect(hashHead(batch)).toBe(sha256sum(`${lines.join('\n')}\n`))
    expect(hashHead({...batch, prevSha256: null})).toBe(sha256sum(`${lines.with(1, '').join('\n')}\n`))
  })

  test('of rows are in order of the bytes of their ids, as SQLite has it, whatever order they are given in', () => {
    const [basic, astral] = [
      {id: '\uffee', sha256: '1'},
      {id: '\u{1f600}', sha256: '2'},
    ]
    expect(hashRows([astral, basic])).toBe(sha256sum('1\n2\n'))
  })

  test('change with every part', () => {
    const changes = {sequence: 3, batchId: 'x', databaseId: 'x', isOpen: true, rowCount: 2, rowsSha256: 'x', prevSha256: 'x', copiedAt: 'x', deletedAt: 'x'}
    const heads = Object.entries({...changes, sealedAt: 'x', toolVersion: 'x'}).map(([part, value]) => hashHead({...batch, [part]: value}))
    expect(new Set([hashHead(batch), ...heads]).size).toBe(12)
  })
})
