import {join} from 'node:path'
import {expect} from 'vitest'
import {createContext} from '../../../src/context.ts'
import {type CreateInput, createStrategy} from '../../../src/strategies/create.ts'
import {parseStrategyName} from '../../../src/strategies/name.ts'
import {query} from '../../helpers/database.ts'
import {test} from '../../helpers/test.ts'

const prepare = async (folder: string) => {
  const {platform, pendingOf, migrate, chooseTemplate} = await createContext({cwd: folder, env: {}, flags: {}})
  const strategy = parseStrategyName('stage-condor')
  const input: CreateInput = {strategy, template: await chooseTemplate(strategy, undefined), isTemplateExplicit: false, project: folder}
  return {dependencies: {platform, pendingOf, migrate, onProgress: () => undefined}, input}
}

test('finds the strategy there where somebody else was faster between its two steps', async ({folder}) => {
  const {dependencies, input} = await prepare(folder)
  const slow = {
    ...dependencies,
    migrate: async (...args: Parameters<typeof dependencies.migrate>) => {
      expect(await createStrategy(dependencies, input)).toMatchObject({status: 'resumed'})
      return dependencies.migrate(...args)
    },
  }
  expect(await createStrategy(slow, input)).toMatchObject({status: 'existing', migrations: []})
  expect(
    await query(
      join(folder, '.strat/stage-condor.db'),
      'SELECT (SELECT count(*) FROM portfolio_state) AS capital, (SELECT count(*) FROM strat_meta) AS markers',
    ),
  ).toEqual([{capital: 1, markers: 1}])
})

test('tells each step as plain data', async ({folder}) => {
  const {dependencies, input} = await prepare(folder)
  const messages: string[] = []
  await createStrategy({...dependencies, onProgress: (progress) => messages.push('message' in progress ? progress.message : progress.failure)}, input)
  expect(messages).toEqual(['Creating the database stage-condor', 'Applying the migrations to stage-condor'])
})
