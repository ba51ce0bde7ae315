import {spawnSync} from 'node:child_process'
import {mkdir, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {keep, rowsOf, usingSpool} from '../../../src/archive/spool.ts'
import {modeOf} from '../../helpers/files.ts'
import {test} from '../../helpers/test.ts'

describe('the spool', () => {
  test('is readable for its owner only, and gone afterwards, also after an error', async ({folder}) => {
    const failing = usingSpool(
      async (spool) => {
        const [own = ''] = await readdir(folder)
        keep(spool, [{rowid: 1, id: 'a', symbol: 'NIFTY', instant: '2025-01-01', json: '["a"]', odd: null}])
        expect([...rowsOf(spool, 'SELECT * FROM row')]).toMatchObject([{rowid: 1, json: '["a"]'}])
        const [file = ''] = await readdir(join(folder, own))
        expect([await modeOf(join(folder, own)), await modeOf(join(folder, own, file))]).toEqual(['700', '600'])
        throw new Error('full')
      },
      {folder},
    )
    await expect(failing).rejects.toThrow('full')
    expect(await readdir(folder)).toEqual([])
  })

  test('takes away what a process has left that is gone, and nothing of one that still runs', async ({folder}) => {
    const gone = spawnSync(process.execPath, ['--version']).pid
    await mkdir(join(folder, `strat-archive-${gone}-abc`))
    await mkdir(join(folder, `strat-archive-${process.ppid}-abc`))
    await mkdir(join(folder, 'strat-archive-notes'))
    await usingSpool(async () => undefined, {folder})
    expect((await readdir(folder)).sort()).toEqual([`strat-archive-${process.ppid}-abc`, 'strat-archive-notes'])
  })
})
