import {join} from 'node:path'
import {expect} from 'vitest'
import {createContext} from '../../../src/context.ts'
import {createStrategy} from '../../../src/strategies/create.ts'
import {destroyStrategy} from '../../../src/strategies/destroy.ts'
import {parseStrategyName} from '../../../src/strategies/name.ts'
import {execute, query} from '../../helpers/database.ts'
import {test} from '../../helpers/test.ts'

const trade = "INSERT INTO trade_logs (id, symbol, action, quantity, price, execution_reason) VALUES ('t1', 'NIFTY', 'BUY', 50, 101.5, 'ENTRY')"
const prepareArchiving = async () => async () => 0
const choice = {discardTrades: false, force: false}

async function prepare(folder: string) {
  const {platform, pendingOf, migrate, chooseTemplate, openDelivery} = await createContext({cwd: folder, env: {}, flags: {}})
  const strategy = parseStrategyName('stage-condor')
  const template = await chooseTemplate(strategy, undefined)
  await createStrategy({platform, pendingOf, migrate, onProgress: () => undefined}, {strategy, template, isTemplateExplicit: false, project: folder})
  return {platform, delivery: await openDelivery(), file: join(folder, '.strat/stage-condor.db')}
}

test('a bot that trades between the check and the deletion gets an error, not a lost trade', async ({folder}) => {
  const {platform, delivery, file} = await prepare(folder)
  let refusal = ''
  const trading = {
    ...platform,
    async deleteDatabase(...args: Parameters<typeof platform.deleteDatabase>) {
      refusal = await execute(file, trade).then(
        () => 'committed',
        (error) => String(error),
      )
      return platform.deleteDatabase(...args)
    },
  }
  expect(await destroyStrategy({platform: trading, deliveries: [delivery], prepareArchiving}, {name: 'stage-condor', ...choice})).toMatchObject({
    status: 'destroyed',
    discardedRows: 0,
  })
  expect(refusal).toContain('this strategy is being destroyed')
})

test('where the platform does not delete, the bot may go on', async ({folder}) => {
  const {platform, delivery, file} = await prepare(folder)
  const refusing = {...platform, deleteDatabase: () => Promise.reject(new Error('the platform says no'))}
  await expect(destroyStrategy({platform: refusing, deliveries: [delivery], prepareArchiving}, {name: 'stage-condor', ...choice})).rejects.toThrow(
    'the platform says no',
  )
  await execute(file, trade)
  expect(await query(file, 'SELECT count(*) AS rows FROM trade_logs')).toEqual([{rows: 1}])
})
