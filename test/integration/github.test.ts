import {execFileSync} from 'node:child_process'
import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {writeFiles} from '../helpers/files.ts'
import type {Github} from '../helpers/github/state.ts'
import {githubTest as test} from '../helpers/github-test.ts'
import {platformToken, usingTursoServer} from '../helpers/turso-server.ts'

const signedIn = ({url, token}: Github) => ({GITHUB_API_URL: url, GITHUB_TOKEN: token})
const setOrigin = (folder: string, url: string) => {
  execFileSync('git', ['init', '--quiet'], {cwd: folder})
  execFileSync('git', ['remote', 'add', 'origin', url], {cwd: folder})
}

describe('strat create --secrets github', () => {
  test("delivers into the strategy's environment, says so, and leaves no file behind", async ({folder, strat, github}) => {
    const {code, stdout, stderr} = await strat('create stage-condor --secrets github --repo desk/bots', {env: signedIn(github)})
    expect({code, stderr}).toMatchObject({code: 0})
    expect(stdout).toMatch(/\n {2}environment stage-condor of desk\/bots \(new token, until \d{4}-\d\d-\d\d\)\n/)
    expect(github.bot('stage-condor')).toMatchObject({TURSO_DB_URL: 'http://127.0.0.1:8080/dev/stage-condor'})
    expect(await readdir(folder)).not.toContain('.env.stage-condor')
    expect(stdout + stderr).not.toContain(github.token)
    const again = await strat('create stage-condor --secrets github --repo desk/bots --json', {env: signedIn(github)})
    expect(again.json).toMatchObject({status: 'existing', token: {status: 'kept'}, secrets: [{store: 'github', name: 'TURSO_DB_URL'}, {}]})
  })

  test('with --dry-run tells what it would do, and makes not even the environment', async ({strat, github}) => {
    const {code, stdout} = await strat('create stage-condor --secrets github --repo desk/bots --dry-run', {env: signedIn(github)})
    expect({code, stdout}).toMatchObject({code: 0, stdout: expect.stringContaining('TURSO_AUTH_TOKEN into environment stage-condor of desk/bots')})
    expect(github.writes).toEqual([])
  })

  test('makes no database where GitHub would refuse the secrets', async ({strat, github}) => {
    const {code, json} = await strat('create stage-condor --secrets github --repo desk/bots --json', {
      env: {...signedIn(github), GITHUB_TOKEN: 'github_pat_gone'},
    })
    expect({code, json}).toMatchObject({code: 4, json: {error: {code: 'GITHUB_UNAUTHENTICATED'}}})
    expect((await strat('list --all-databases --json')).json.databases).toEqual([])
  })

  test('signs in with an App whose key is in a file', async ({folder, strat, github}) => {
    const {id, privateKey} = github.addApp()
    await writeFiles(folder, {'key.pem': privateKey})
    const env = {GITHUB_API_URL: github.url, STRAT_GITHUB_APP_ID: String(id), STRAT_GITHUB_APP_PRIVATE_KEY_FILE: join(folder, 'key.pem')}
    expect(await strat('create stage-condor --secrets github --repo desk/bots', {env})).toMatchObject({code: 0})
    const wrong = await strat('create stage-condor --secrets github --repo desk/bots --json', {env: {...env, STRAT_GITHUB_APP_PRIVATE_KEY_FILE: '/nowhere'}})
    expect(wrong).toMatchObject({code: 78, json: {error: {code: 'GITHUB_APP_INVALID', message: expect.stringContaining('ENOENT')}}})
  })
})

test('on Turso the secrets go to GitHub where a repository and a token are given, and a remote alone is not one', async ({folder, strat, github}) => {
  await usingTursoServer(async (turso) => {
    const env = {STRAT_PLATFORM: 'turso', TURSO_API_BASEURL: turso.url, TURSO_API_TOKEN: platformToken, ...signedIn(github)}
    setOrigin(folder, 'https://github.com/desk/bots.git')
    expect((await strat('create stage-butterfly --json', {env})).json).toMatchObject({secrets: [{store: 'dotenv'}, {}]})
    expect(github.requests).toEqual([])
    const onGithub = {...env, GITHUB_REPOSITORY: 'desk/bots'}
    expect((await strat('create stage-condor --json', {env: onGithub})).json).toMatchObject({secrets: [{store: 'github'}, {}]})
    expect(github.bot('stage-condor')).toMatchObject({TURSO_DB_URL: `${turso.url}/dev/stage-condor`})
    expect((await strat('show stage-condor', {env: onGithub})).stdout).toMatch(/Bot token +in environment stage-condor of desk\/bots until/)
    const {json} = await strat('destroy stage-condor --confirm stage-condor --json', {env: onGithub})
    expect(json).toMatchObject({status: 'destroyed', secretsRemoved: ['TURSO_DB_URL', 'TURSO_AUTH_TOKEN']})
    expect(github.scope({environment: 'stage-condor'}).secrets.size).toBe(0)
    expect(github.scope({environment: 'stage-condor'}).variables.size).toBe(0)
  })
})

describe('the repository', () => {
  test('is that of the flag, the environment, the configuration, else the remote origin', async ({folder, strat}) => {
    const repository = async (args = '', env = {}) => (await strat(`config --json ${args}`, {env})).json.settings['github.repository']
    expect(await repository()).toEqual({value: null, source: 'default', from: ''})
    setOrigin(folder, 'git@github.com:of/origin.git')
    expect(await repository()).toEqual({value: 'of/origin', source: 'default', from: 'the git remote origin'})
    await writeFiles(folder, {'strat.config.json': '{"github": {"repository": "of/file"}}'})
    expect(await repository()).toMatchObject({value: 'of/file', source: 'file'})
    expect(await repository('', {GITHUB_REPOSITORY: 'of/env'})).toMatchObject({value: 'of/env', source: 'environment'})
    expect(await repository('--repo of/flag', {GITHUB_REPOSITORY: 'of/env'})).toMatchObject({value: 'of/flag', source: 'flag', from: '--repo'})
  })

  test('may come from the remote alone where GitHub is asked for by name', async ({folder, strat, github}) => {
    setOrigin(folder, 'https://github.com/desk/bots.git')
    expect(await strat('create stage-condor --secrets github', {env: signedIn(github)})).toMatchObject({code: 0})
    expect(github.bot('stage-condor')).toBeDefined()
  })

  test.for([
    ['', 'GITHUB_REPOSITORY_REQUIRED', '--repo owner/name'],
    ['--repo bots', 'GITHUB_REPOSITORY_INVALID', 'Correct --repo: desk/bots, for instance.'],
    ['--repo ../..', 'GITHUB_REPOSITORY_INVALID', 'Correct --repo: desk/bots, for instance.'],
    ['--repo desk/bots/tree', 'GITHUB_REPOSITORY_INVALID', 'Correct --repo: desk/bots, for instance.'],
    ['--repo https://github.com/desk/bots', 'GITHUB_REPOSITORY_INVALID', 'Write desk/bots instead.'],
  ] as const)('that is named so is refused before anything is asked: %s', async ([flag, code, suggestion], {strat, github}) => {
    const {code: exit, json} = await strat(`create stage-condor --secrets github --json ${flag}`, {env: signedIn(github)})
    expect({exit, error: json.error}).toMatchObject({exit: 78, error: {code, suggestions: expect.arrayContaining([suggestion])}})
    expect(github.requests).toEqual([])
  })
})

describe('the environment of a strategy', () => {
  test('has the name that the configuration gives it', async ({folder, strat, github}) => {
    await writeFiles(folder, {'strat.config.json': '{"github": {"repository": "desk/bots", "environment": "bots / {name}"}}'})
    expect(await strat('create stage-condor --secrets github', {env: signedIn(github)})).toMatchObject({code: 0})
    expect(github.bot('stage-condor', {environment: 'bots / stage-condor'})).toBeDefined()
  })

  test('cannot be the same for all', async ({folder, strat}) => {
    await writeFiles(folder, {'strat.config.json': '{"github": {"environment": "bots"}}'})
    expect((await strat('config --json')).json.error).toMatchObject({code: 'CONFIG_INVALID', message: expect.stringContaining('must hold {name}')})
  })
})

test('strat config tells of an App only whether it is set', async ({strat}) => {
  const env = {STRAT_GITHUB_APP_ID: '4711', STRAT_GITHUB_APP_PRIVATE_KEY: '-----BEGIN RSA PRIVATE KEY-----\\nhunter2'}
  const {stdout} = await strat('config', {env})
  expect(stdout).toContain('github.appId\tset\tenvironment (STRAT_GITHUB_APP_ID)\n')
  expect(stdout).toContain('github.appPrivateKey\tset\tenvironment (STRAT_GITHUB_APP_PRIVATE_KEY)\n')
  expect(stdout).not.toMatch(/hunter2|4711/)
})
