import {describe, expect} from 'vitest'
import {storeOf} from '../../../helpers/github-store.ts'
import {githubTest as test} from '../../../helpers/github-test.ts'

describe('workflow runs', () => {
  test('that go on are listed with one request', async ({github}) => {
    const run = github.addRun({name: 'condor bot'})
    github.addRun({status: 'completed', conclusion: 'success'})
    expect(await storeOf(github).listUnfinished()).toEqual([{name: 'condor bot', status: 'in_progress', url: expect.stringContaining(String(run.id))}])
    expect(github.requests).toHaveLength(1)
  })
})

describe('a canary', () => {
  test('is started once with the strategy, and waited for', async ({github}) => {
    github.addWorkflow('canary.yml', ['strategy'])
    let looks = 0
    github.conclude = () => (++looks > 3 ? 'success' : undefined)
    const run = await storeOf(github).runCanary('canary.yml', 'stage-condor')
    expect(run).toMatchObject({status: 'completed'})
    expect(github.dispatches).toEqual([{workflow: 'canary.yml', ref: 'main', inputs: {strategy: 'stage-condor'}, runId: expect.any(Number)}])
  })

  test('that fails says how it ended, and where to look', async ({github}) => {
    github.addWorkflow('canary.yml', ['strategy'])
    github.conclude = () => 'failure'
    const error = await storeOf(github)
      .runCanary('canary.yml', 'stage-condor')
      .catch((thrown) => thrown)
    expect(error).toMatchObject({
      code: 'CANARY_FAILED',
      message: 'The workflow canary.yml ended with failure.',
      suggestions: [expect.stringMatching(/^https?:/), expect.anything()],
    })
  })

  test.for([
    ['is not there', [], 'other.yml'],
    ['takes no strategy', ['name'], 'canary.yml'],
  ] as const)('that %s is not started', async ([, inputs, workflow], {github}) => {
    github.addWorkflow('canary.yml', [...inputs])
    await expect(storeOf(github).runCanary(workflow, 'stage-condor')).rejects.toMatchObject({code: 'CANARY_FAILED'})
    expect(github.dispatches).toEqual([])
  })

  test('that never ends is given up', async ({github}) => {
    github.addWorkflow('canary.yml', ['strategy'])
    github.conclude = () => undefined
    await expect(storeOf(github, {limits: {canaryMs: 50}}).runCanary('canary.yml', 'stage-condor')).rejects.toMatchObject({code: 'CANARY_FAILED'})
  })

  test('whose start got no answer is not started twice', async ({github}) => {
    github.addWorkflow('canary.yml', ['strategy'])
    github.faults.push({match: /dispatches/, fail: 'lose'})
    await expect(storeOf(github).runCanary('canary.yml', 'stage-condor')).rejects.toMatchObject({code: 'GITHUB_UNAVAILABLE'})
    expect(github.dispatches).toHaveLength(1)
  })
})
