import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect} from 'vitest'
import {exportArchive} from '../../../src/archive/export-archive.ts'
import {moveClosedTrades} from '../../../src/archive/move.ts'
import type {OnProgress} from '../../../src/progress.ts'
import {closedBefore, insertTrades, opening, type Pair, roundTrip, usingPair} from '../../helpers/archive-pair.ts'
import {test} from '../../helpers/test.ts'

const move = (pair: Pair, day: string, noDelete = false) => {
  insertTrades(pair.source, roundTrip('NIFTY', day))
  return opening(pair, (source, archive) =>
    moveClosedTrades(
      {source, archive, toolVersion: '0.0.0', onProgress: () => undefined},
      {databaseId: 'id-of-condor', strategy: 'stage-condor', selection: closedBefore('2027-01-01'), noDelete},
    ),
  )
}

const exportTo = (pair: Pair, out: string, options: {onProgress?: OnProgress; signal?: AbortSignal; folder?: string} = {}) =>
  opening(pair, (_, archive) =>
    exportArchive(
      {archive, stratVersion: '1.2.3', onProgress: () => undefined, ...options},
      {range: {from: '2025-04-01', to: '2026-03-31'}, timeZone: 'Asia/Kolkata', format: 'csv', out},
    ),
  )

test('an export says how many trades are in the archive that no run has finished moving, which it leaves out', async ({folder}) => {
  await usingPair(async (pair) => {
    await move(pair, '2025-06-01')
    await move(pair, '2025-06-02', true)
    const manifest = await exportTo(pair, join(folder, 'fy'))
    expect(manifest).toMatchObject({unsealed: {batches: 1, trades: 4}, files: [{rows: 4}]})
    expect(JSON.parse(await readFile(join(folder, 'fy/manifest.json'), 'utf8'))).toEqual(manifest)
  })
})

for (const at of ['Reading', 'Matching'])
  test(`an export that is interrupted leaves nothing behind: ${at}`, async ({folder}) => {
    await usingPair(async (pair) => {
      await move(pair, '2025-06-01')
      const controller = new AbortController()
      const onProgress: OnProgress = (progress) => {
        if ('message' in progress && progress.message.startsWith(at)) controller.abort()
      }
      await expect(exportTo(pair, join(folder, 'fy'), {onProgress, signal: controller.signal, folder})).rejects.toMatchObject({code: 'INTERRUPTED'})
      expect(await readdir(folder)).toEqual([])
    })
  })
