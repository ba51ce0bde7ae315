import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {createContext} from '../../../src/context.ts'
import {StratError} from '../../../src/errors.ts'
import {usingRegistry} from '../../../src/platform/local-registry.ts'
import {createStrategy} from '../../../src/strategies/create.ts'
import {destroyStrategy} from '../../../src/strategies/destroy.ts'
import {parseStrategyName} from '../../../src/strategies/name.ts'
import {execute, query} from '../../helpers/database.ts'
import {everything} from '../../helpers/github/tokens.ts'
import {storeOf} from '../../helpers/github-store.ts'
import {useStoredSecrets, usingRotation} from '../../helpers/rotation.ts'
import {test} from '../../helpers/test.ts'

const trade = "INSERT INTO trade_logs (id, symbol, action, quantity, price, execution_reason) VALUES ('t1', 'NIFTY', 'BUY', 50, 101.5, 'ENTRY')"
const prepareArchiving = async () => ({everything: async () => 0, begun: async () => 0})
const choice = {discardTrades: false, force: false}

async function prepare(folder: string) {
  const {platform, pendingOf, migrate, chooseTemplate, openDelivery} = await createContext({cwd: folder, env: {}, flags: {}})
  const strategy = parseStrategyName('stage-condor')
  const template = await chooseTemplate(strategy, undefined)
  const delivery = await openDelivery()
  const input = {strategy, template, isTemplateExplicit: false, project: folder}
  const create = () => createStrategy({platform, pendingOf, migrate, delivery, onProgress: () => undefined}, input)
  await create()
  return {platform, delivery, create, file: join(folder, '.strat/stage-condor.db')}
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

test('where the platform does not delete, the bot is stopped until it is destroyed again, or created', async ({folder}) => {
  const {platform, delivery, file, create} = await prepare(folder)
  const refusal = new StratError('TURSO_REFUSED', 'the platform says no')
  const refusing = {...platform, deleteDatabase: () => Promise.reject(refusal)}
  const destroy = (on = platform) => destroyStrategy({platform: on, deliveries: [delivery], prepareArchiving}, {name: 'stage-condor', ...choice})
  await expect(destroy(refusing)).rejects.toMatchObject({
    code: 'TURSO_REFUSED',
    suggestions: ['strat destroy stage-condor goes on.', expect.stringContaining('strat create stage-condor lets its bot go on instead')],
  })
  expect(existsSync(join(folder, '.env.stage-condor'))).toBe(false)
  await expect(execute(file, trade)).rejects.toThrow('this strategy is being destroyed')
  await create()
  expect(existsSync(join(folder, '.env.stage-condor'))).toBe(true)
  await execute(file, trade)
  expect(await query(file, 'SELECT count(*) AS rows FROM trade_logs')).toEqual([{rows: 1}])
})

test('a bot that is let go on meanwhile loses no trade: nothing is deleted, also where another run has blocked it again', async ({folder}) => {
  const {platform, delivery, file, create} = await prepare(folder)
  // It happens when the secrets are taken away, which comes last but for the deletion.
  const destroy = (meanwhile: () => Promise<unknown>, discardTrades: boolean) => {
    const {store, botUrlOf} = delivery
    const remove = async (name: string) => {
      const removed = await store.remove(name)
      await meanwhile()
      return removed
    }
    const list = async (name: string) => store.placesOf(name).map((place) => ({...place, updatedAt: null}))
    const deliveries = [{store: {...store, list, remove}, botUrlOf}]
    return destroyStrategy({platform, deliveries, prepareArchiving}, {name: 'stage-condor', discardTrades, force: false})
  }
  await expect(destroy(create, false)).rejects.toMatchObject({code: 'DESTROY_RACE', suggestions: [expect.stringContaining('strat create'), expect.any(String)]})
  const addAndBlock = async () => {
    const triggers = await query(file, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    for (const {name} of triggers) await execute(file, `DROP TRIGGER ${name}`)
    await execute(file, trade, ...triggers.map(({sql}) => String(sql)))
  }
  await expect(destroy(addAndBlock, false)).rejects.toMatchObject({code: 'DESTROY_RACE'})
  await execute(file, 'DELETE FROM trade_logs')
  await expect(destroy(addAndBlock, true)).rejects.toMatchObject({code: 'DESTROY_RACE'})
  expect(await query(file, 'SELECT count(*) AS rows FROM trade_logs')).toEqual([{rows: 1}])
  expect(await destroy(async () => undefined, true)).toMatchObject({status: 'destroyed', discardedRows: 1})
})

test('what the platform protects is left as it is, with the secrets of its bot', async ({folder}) => {
  const {platform, delivery, file} = await prepare(folder)
  await usingRegistry(join(folder, '.strat/platform.sqlite'), ({groups}) => groups.setDeleteProtection('default', true))
  await expect(destroyStrategy({platform, deliveries: [delivery], prepareArchiving}, {name: 'stage-condor', ...choice})).rejects.toMatchObject({
    code: 'DATABASE_DELETE_PROTECTED',
  })
  expect(existsSync(join(folder, '.env.stage-condor'))).toBe(true)
  await execute(file, trade)
})

test('where GitHub would not let the secrets be taken away, nothing is changed', async () => {
  await usingRotation(['stage-condor'], async (rotation) => {
    const {github, folder, platform, delivery} = rotation
    await rotation.rotate()
    const token = github.addToken({...everything, environments: 'read'})
    const readOnly = {...delivery, store: storeOf(github, {credentials: {token, inActions: false}})}
    await expect(destroyStrategy({platform, deliveries: [readOnly], prepareArchiving}, {name: 'stage-condor', ...choice})).rejects.toMatchObject({
      code: 'GITHUB_FORBIDDEN',
    })
    expect(await useStoredSecrets(rotation, 'stage-condor')).toBe(200)
    await execute(join(folder, '.strat/stage-condor.db'), trade)
  })
})
