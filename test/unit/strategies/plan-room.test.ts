import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {createContext} from '../../../src/context.ts'
import type {Platform, PlatformUsage} from '../../../src/platform/platform.ts'
import {type CreateInput, createStrategy} from '../../../src/strategies/create.ts'
import {parseStrategyName} from '../../../src/strategies/name.ts'
import {checkPlanRoom} from '../../../src/strategies/plan-room.ts'
import {previewStrategy} from '../../../src/strategies/preview.ts'
import {execute} from '../../helpers/database.ts'
import {snapshot} from '../../helpers/files.ts'
import {test} from '../../helpers/test.ts'

const roomy = {used: 0, quota: 1000}
const usageOf = (usage: Partial<PlatformUsage>) => async () => ({
  plan: 'starter',
  databases: roomy,
  storageBytes: roomy,
  rowsRead: roomy,
  rowsWritten: roomy,
  perDatabase: [],
  ...usage,
})
const full = usageOf({databases: {used: 100, quota: 100}})

async function prepare(folder: string, readUsage: Platform['readUsage']) {
  const {platform, pendingOf, migrate, chooseTemplate} = await createContext({cwd: folder, env: {}, flags: {}})
  const strategy = parseStrategyName('stage-condor')
  const input: CreateInput = {strategy, template: await chooseTemplate(strategy, undefined), isTemplateExplicit: false, project: folder}
  return {dependencies: {platform: {...platform, readUsage}, pendingOf, migrate, onProgress: () => undefined}, input}
}

describe('a plan', () => {
  test('that is full lets no strategy be made, nor previewed, and nothing is', async ({folder}) => {
    const {dependencies, input} = await prepare(folder, full)
    for (const run of [createStrategy, previewStrategy]) {
      await expect(run(dependencies, input)).rejects.toMatchObject({
        code: 'PLAN_FULL',
        message: 'The plan starter allows 100 databases, and there are 100.',
        suggestions: expect.arrayContaining([expect.stringContaining('strat usage'), expect.stringContaining('strat destroy')]),
      })
    }
    expect(await snapshot(folder)).toEqual({})
  })

  test('that is full lets one be found, or finished', async ({folder}) => {
    const made = await prepare(folder, usageOf({}))
    await createStrategy(made.dependencies, made.input)
    const {dependencies, input} = await prepare(folder, full)
    expect(await createStrategy(dependencies, input)).toMatchObject({status: 'existing', warnings: []})
    const file = join(folder, '.strat/stage-condor.db')
    await execute(file, 'DELETE FROM strat_meta', 'DELETE FROM portfolio_state')
    expect(await createStrategy(dependencies, input)).toMatchObject({status: 'resumed', warnings: []})
  })

  test('that cannot be read stops nobody', async ({folder}) => {
    const {dependencies, input} = await prepare(folder, () => Promise.reject(new Error('no such plan')))
    expect(await createStrategy(dependencies, input)).toMatchObject({status: 'created', warnings: []})
  })

  test('that is nearly full is told of', async ({folder}) => {
    const {dependencies, input} = await prepare(folder, usageOf({rowsWritten: {used: 950, quota: 1000}, databases: {used: 89, quota: 100}}))
    expect(await createStrategy(dependencies, input)).toMatchObject({
      status: 'created',
      warnings: ['The plan starter is nearly full: databases 90%, rows written 95%. strat usage tells more.'],
    })
  })

  test.for<[string, Partial<PlatformUsage>, number]>([
    ['89 % of the databases, this one counted', {databases: {used: 88, quota: 100}}, 0],
    ['90 % of the databases, this one counted', {databases: {used: 89, quota: 100}}, 1],
    ['89.9 % of the rows', {rowsRead: {used: 899, quota: 1000}}, 0],
    ['90 % of the rows read', {rowsRead: {used: 900, quota: 1000}}, 1],
    ['90 % of the storage', {storageBytes: {used: 900, quota: 1000}}, 1],
    ['no limit', {databases: {used: 5000, quota: null}}, 0],
  ])('with %s', async ([, usage, warnings]) => {
    expect(await checkPlanRoom({readUsage: usageOf(usage)})).toHaveLength(warnings)
  })

  test('that takes too long to read is not waited for', async () => {
    expect(await checkPlanRoom({readUsage: () => new Promise(() => undefined)})).toEqual([])
  })
})
