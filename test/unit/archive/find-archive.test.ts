import {rename} from 'node:fs/promises'
import {join} from 'node:path'
import {expect} from 'vitest'
import {findArchive} from '../../../src/archive/find-archive.ts'
import {createContext} from '../../../src/context.ts'
import {adoptStrategy} from '../../../src/strategies/adopt.ts'
import {parseStrategyName} from '../../../src/strategies/name.ts'
import {usingPair, write} from '../../helpers/archive-pair.ts'
import {createHere} from '../../helpers/commands-here.ts'
import {test} from '../../helpers/test.ts'

async function open(folder: string) {
  const context = await createContext({cwd: folder, env: {}, flags: {}})
  const {dependencies} = await context.openArchiving()
  const find = (into?: string, mustExist = false) => findArchive(dependencies, {into, mustExist, readOnly: true})
  const adopt = async (name: string) => {
    const strategy = parseStrategyName(name)
    return adoptStrategy(context, {strategy, template: await context.chooseTemplate(strategy, undefined)})
  }
  const move = (from: string, to: string) => rename(join(folder, `.strat/${from}.db`), join(folder, `.strat/${to}.db`))
  return {find, adopt, move}
}

test('an archive that was renamed by hand stands in the way of another one that nobody asked for', async ({folder}) => {
  const {find, adopt, move} = await open(folder)
  expect(await find()).toBeUndefined()
  await createHere({folder, env: {}}, 'trade-logs-archive')
  expect(await find()).toMatchObject({name: 'trade-logs-archive'})
  for (const renamed of ['archive', 'trade-logs-archive-2025']) {
    await move('trade-logs-archive', renamed)
    for (const mustExist of [false, true]) {
      await expect(find(undefined, mustExist)).rejects.toMatchObject({
        code: 'ARCHIVE_AMBIGUOUS',
        message: expect.stringContaining(`${renamed} is an archive by the name of trade-logs-archive`),
      })
    }
    // Said to make another one, it does.
    expect(await find('trade-logs-archive')).toBeUndefined()
    await move(renamed, 'trade-logs-archive')
  }
  await move('trade-logs-archive', 'archive')
  await adopt('archive')
  expect(await find()).toMatchObject({name: 'archive'})
  // One that is ours is there: a copy of another one is nobody's business.
  await createHere({folder, env: {}}, 'old-archive')
  await move('old-archive', 'copy-archive')
  expect(await find()).toMatchObject({name: 'archive'})
})

test('an archive is found without a look at its schema, which a token for named tables may not be let read', async () => {
  await usingPair(async (pair) => {
    const {name, url} = pair.archive
    write(pair.archive, "INSERT OR REPLACE INTO strat_meta VALUES (1, 'archive', 'archive', 'archive', '2025-01-01T00:00:00.000Z')")
    const sent: string[] = []
    pair.server.watch = (_, body) => sent.push(body)
    const found = await findArchive(
      {
        platform: {listDatabases: async () => [{name, id: 'id', group: '', url}]},
        access: async () => ({name, url}),
        isArchiveName: () => true,
        checkName: () => undefined,
        pendingOf: async (_, {ledger}) => (ledger.length === 2 ? [] : ['all']),
      },
      {readOnly: true},
    )
    expect(found).toMatchObject({name})
    expect(sent).toHaveLength(1)
    expect(sent.join()).not.toMatch(/sqlite_(schema|master)/)
  })
})
