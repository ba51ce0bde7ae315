import {describe, expect, test} from 'vitest'
import {usingGithub} from '../../../helpers/github/github.ts'
import {seal, send} from '../../../helpers/github/requesting.ts'
import type {Github} from '../../../helpers/github/state.ts'

const shared = '/orgs/desk/actions/secrets'
const actions = '/repos/desk/bots/actions'
const on = (title: string, use: (github: Github) => Promise<void>) => test(title, () => usingGithub(use))

describe("an organization's secrets", () => {
  on('are for whom the last write said, and what it did not say again is lost', async (github) => {
    const [bots, other] = [github.home.id, github.addRepository('desk/other').id]
    const sealed = await seal(github, shared, 'one')
    expect(await send(github, `PUT ${shared}/A`, sealed)).toMatchObject({status: 422, json: {message: expect.stringContaining('"visibility"')}})
    const selected = {...sealed, visibility: 'selected', selected_repository_ids: [bots, other]}
    expect(await send(github, `PUT ${shared}/A`, selected)).toMatchObject({status: 201})
    expect((await send(github, `GET ${shared}/A`)).json.selected_repositories_url).toBe(`${github.url}${shared}/A/repositories`)
    expect((await send(github, `GET ${shared}/A/repositories`)).json).toMatchObject({total_count: 2, repositories: [{id: bots}, {id: other}]})
    expect(await send(github, `PUT ${shared}/A`, {...sealed, visibility: 'selected'})).toMatchObject({status: 204})
    expect((await send(github, `GET ${shared}/A/repositories`)).json.total_count).toBe(0)
    expect(await send(github, `PUT ${shared}/A/repositories`, {selected_repository_ids: [other]})).toMatchObject({status: 204})
    expect(github.scope('organization').secrets.get('A')?.access).toEqual({visibility: 'selected', repositoryIds: [other]})
  })

  on('have a selection of repositories that exist, where they have one', async (github) => {
    const sealed = await seal(github, shared, 'one')
    const wrong = [
      {visibility: 'all', selected_repository_ids: [github.home.id]},
      {visibility: 'selected', selected_repository_ids: [1]},
      {visibility: 'public'},
    ]
    for (const access of wrong) expect(await send(github, `PUT ${shared}/A`, {...sealed, ...access})).toMatchObject({status: 422})
  })

  on('have variables beside them, with a visibility', async (github) => {
    const variables = '/orgs/desk/actions/variables'
    expect(await send(github, `POST ${variables}`, {name: 'A', value: 'one'})).toMatchObject({status: 422})
    expect(await send(github, `POST ${variables}`, {name: 'A', value: 'one', visibility: 'private'})).toMatchObject({status: 201})
    expect(await send(github, `PATCH ${variables}/A`, {value: 'two'})).toMatchObject({status: 204})
    expect((await send(github, `GET ${variables}`)).json.variables).toMatchObject([{name: 'A', value: 'two', visibility: 'private'}])
  })
})

describe('a bot', () => {
  on('gets both secrets of its environment, or none', async (github) => {
    expect(github.bot('stage-condor')).toBeUndefined()
    github.addEnvironment('stage-condor')
    github.setSecret({environment: 'stage-condor'}, 'TURSO_DB_URL', 'https://one.test')
    expect(github.bot('stage-condor')).toBeUndefined()
    github.setSecret({environment: 'stage-condor'}, 'TURSO_AUTH_TOKEN', 'one')
    expect(github.bot('stage-condor')).toEqual({TURSO_DB_URL: 'https://one.test', TURSO_AUTH_TOKEN: 'one'})
    expect(github.bot('live-condor', {environment: 'Stage-Condor'})).toEqual(github.bot('stage-condor'))
  })

  on('gets those of the nearest scope that it may see', async (github) => {
    github.addEnvironment('stage-condor')
    const names = ['TURSO_DB_URL', 'TURSO_AUTH_TOKEN', 'TURSO_DB_URL_STAGE_CONDOR', 'TURSO_AUTH_TOKEN_STAGE_CONDOR']
    for (const name of names) github.setSecret('organization', name, 'shared')
    expect(github.bot('stage-condor', {scope: 'organization'})?.TURSO_AUTH_TOKEN).toBe('shared')
    expect(github.bot('stage-condor', {scope: 'organization', repository: github.addRepository('desk/public', {isPrivate: false})})).toBeUndefined()
    for (const name of names) github.setSecret('repository', name, 'own')
    expect(github.bot('stage-condor', {scope: 'organization'})?.TURSO_AUTH_TOKEN).toBe('own')
    expect(github.bot('stage-condor')?.TURSO_AUTH_TOKEN).toBe('own')
    const secrets = '/repos/desk/bots/environments/stage-condor/secrets'
    await send(github, `PUT ${secrets}/TURSO_AUTH_TOKEN`, await seal(github, `${actions}/secrets`, 'nearest'))
    expect(github.bot('stage-condor')).toBeUndefined()
  })
})

describe('runs of workflows', () => {
  on('are listed by their status', async (github) => {
    github.addRun({name: 'live-condor'})
    github.addRun({name: 'stage-condor', status: 'queued'})
    github.addRun({name: 'other', status: 'completed', conclusion: 'failure'})
    const list = async (status: string) => (await send(github, `GET ${actions}/runs?status=${status}`)).json.workflow_runs.map(({name}: {name: string}) => name)
    expect(await list('in_progress')).toEqual(['live-condor'])
    expect(await list('queued')).toEqual(['stage-condor'])
    expect(await list('failure')).toEqual(['other'])
  })

  on('are dispatched, and go from the queue to their end while somebody looks', async (github) => {
    github.addWorkflow('check.yml', ['strategy'])
    const path = `${actions}/workflows/check.yml`
    const body = {ref: 'main', inputs: {strategy: 'stage-condor'}}
    github.conclude = ({inputs}) => (inputs['strategy'] === 'stage-condor' ? 'failure' : 'success')
    expect(await send(github, `POST ${path}/dispatches`, body)).toMatchObject({status: 204, json: undefined})
    const {status, json} = await send(github, `POST ${path}/dispatches`, {...body, return_run_details: true})
    expect([status, json.workflow_run_id]).toEqual([200, github.dispatches[1]?.runId])
    const look = async () => (await send(github, `GET ${actions}/runs/${json.workflow_run_id}/jobs`)).json.jobs[0]
    expect(await look()).toMatchObject({status: 'queued', conclusion: null})
    expect(await look()).toMatchObject({status: 'in_progress', conclusion: null})
    expect(await look()).toMatchObject({status: 'completed', conclusion: 'failure'})
    expect((await send(github, `GET ${path}/runs?event=workflow_dispatch`)).json.total_count).toBe(2)
  })

  on('are not dispatched with inputs, on a branch or of a workflow that is not there', async (github) => {
    github.addWorkflow('check.yml', ['strategy'])
    const dispatch = (file: string, body: object) => send(github, `POST ${actions}/workflows/${file}/dispatches`, body)
    expect(await dispatch('other.yml', {ref: 'main'})).toMatchObject({status: 404})
    expect(await dispatch('check.yml', {ref: 'master'})).toMatchObject({status: 422, json: {message: 'No ref found for: master'}})
    expect(await dispatch('check.yml', {ref: 'main', inputs: {name: 'a'}})).toMatchObject({
      status: 422,
      json: {message: 'Unexpected inputs provided: ["name"]'},
    })
    expect(await dispatch('check.yml', {inputs: {}})).toMatchObject({status: 422})
    expect(github.dispatches).toEqual([])
  })
})
