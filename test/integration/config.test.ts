import {spawnSync} from 'node:child_process'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {snapshot, writeFiles} from '../helpers/files.ts'
import {test} from '../helpers/test.ts'

describe('settings', () => {
  test('are taken from the flag, else the environment, else the file, else the default', async ({folder, strat}) => {
    const organization = async (args: string, env = {}) => (await strat(`config --json ${args}`, {env})).json.settings['turso.organization']
    expect(await organization('')).toEqual({value: null, source: 'default', from: ''})
    await writeFiles(folder, {'strat.config.json': '{"turso": {"organization": "of-file"}}'})
    expect(await organization('')).toEqual({value: 'of-file', source: 'file', from: join(folder, 'strat.config.json')})
    expect(await organization('', {TURSO_ORGANIZATION: 'of-env'})).toEqual({value: 'of-env', source: 'environment', from: 'TURSO_ORGANIZATION'})
    expect(await organization('--organization of-flag', {TURSO_ORGANIZATION: 'of-env'})).toEqual({value: 'of-flag', source: 'flag', from: '--organization'})
    expect(await organization('', {TURSO_ORGANIZATION: ''})).toMatchObject({value: 'of-file'})
  })

  test('are found in a folder above, and their paths are relative to it', async ({folder, strat}) => {
    await writeFiles(folder, {'strat.config.json': '{"local": {"directory": "data"}}'})
    await mkdir(join(folder, 'deep/down'), {recursive: true})
    const {json} = await strat('config --json', {cwd: join(folder, 'deep/down')})
    expect(json).toMatchObject({file: join(folder, 'strat.config.json'), settings: {'local.directory': {value: join(folder, 'data')}}})
    const fromEnvironment = await strat('config --json', {cwd: join(folder, 'deep'), env: {STRAT_DIRECTORY: 'there'}})
    expect(fromEnvironment.json.settings['local.directory'].value).toBe(join(folder, 'deep/there'))
  })

  test.for([
    ['strat.config.ts', "import {defineConfig} from 'strat-cli'\nconst group: string = 'mine'\nexport default defineConfig({turso: {group}})\n"],
    [
      'strat.config.mts',
      "import {defineConfig, type StratConfig} from 'strat-cli'\nconst config: StratConfig = {turso: {group: 'mine'}}\nexport default defineConfig(config)\n",
    ],
    ['strat.config.js', "export default {turso: {group: 'mine'}}\n"],
    ['strat.config.mjs', "import {defineConfig} from 'strat-cli'\nexport default defineConfig({turso: {group: 'mine'}})\n"],
    ['strat.config.json', '{"turso": {"group": "mine"}}'],
  ] as const)('may be a %s, with nothing installed beside it and no warning', async ([name, content], {folder, strat}) => {
    await writeFiles(folder, {[name]: content, ...(name.endsWith('.js') && {'package.json': '{"type": "module"}'})})
    const {code, json, stderr} = await strat('config --json')
    expect({code, stderr, group: json.settings['turso.group'].value}).toEqual({code: 0, stderr: '', group: 'mine'})
  })

  test('show of secrets only whether they are set', async ({strat}) => {
    const secret = 'eyJhbGciOiJFZERTQSJ9.secret.secret'
    const env = {TURSO_API_TOKEN: secret, GITHUB_TOKEN: 'ghp_secretsecret'}
    const {json, stdout} = await strat('config --json', {env})
    expect(json.settings).toMatchObject({'turso.apiToken': {value: true, from: 'TURSO_API_TOKEN'}, 'github.token': {value: true, from: 'GITHUB_TOKEN'}})
    for (const output of [stdout, (await strat('config', {env})).stdout, (await strat('list --nope', {env})).stderr]) expect(output).not.toMatch(/ghp_|eyJ/)
    expect((await strat('config', {env})).stdout).toContain('turso.apiToken\tset\tenvironment (TURSO_API_TOKEN)\n')
  })
})

describe('a configuration that is wrong is refused by every command, and nothing is made', () => {
  test.for<[string, Record<string, string>, string, RegExp, string?]>([
    ['a wrong type', {'strat.config.json': '{"concurrency": "many"}'}, 'CONFIG_INVALID', /concurrency: Invalid type: Expected number/],
    ['a wrong choice', {'strat.config.json': '{"platform": "moon"}'}, 'CONFIG_INVALID', /platform: Invalid type: Expected \("local" \| "turso"\)\.$/],
    ['an unknown key', {'strat.config.json': '{"platfrom": "local"}'}, 'CONFIG_INVALID', /unknown key: platfrom/, 'platform'],
    [
      'an unknown key further in',
      {'strat.config.json': '{"market": {"timezone": "Asia/Kolkata"}}'},
      'CONFIG_INVALID',
      /unknown key: market.timezone/,
      'market.timeZone',
    ],
    [
      'an unknown key like no other',
      {'strat.config.json': '{"turso": {"zzz": 1}}'},
      'CONFIG_INVALID',
      /unknown key: turso.zzz/,
      'Known here: organization, group, apiUrl',
    ],
    [
      'a time zone that does not exist',
      {'strat.config.json': '{"market": {"timeZone": "Asia/Bombai"}}'},
      'CONFIG_INVALID',
      /market.timeZone: must be a time zone/,
    ],
    ['a market that opens after it closes', {'strat.config.json': '{"market": {"open": "16:00"}}'}, 'CONFIG_INVALID', /must open before it closes/],
    ['a token lifetime without an end', {'strat.config.json': '{"tokens": {"lifetime": "never"}}'}, 'CONFIG_INVALID', /tokens.lifetime: must be a duration/],
    ['a token lifetime of nothing', {'strat.config.json': '{"tokens": {"lifetime": "0d"}}'}, 'CONFIG_INVALID', /tokens.lifetime: must be a duration/],
    ['a token lifetime of 100 years', {'strat.config.json': '{"tokens": {"lifetime": "36500d"}}'}, 'CONFIG_INVALID', /at most 365d/],
    ['a list', {'strat.config.json': '[]'}, 'CONFIG_INVALID', /the configuration/],
    ['a syntax error', {'strat.config.json': '{"platform": "local",}'}, 'CONFIG_UNREADABLE', /it is not JSON/],
    ['a syntax error in TypeScript', {'strat.config.ts': 'export default {\n'}, 'CONFIG_UNREADABLE', /it has a syntax error/],
    ['no default export', {'strat.config.ts': 'export const config = {}\n'}, 'CONFIG_UNREADABLE', /it has no default export/],
    ['a file that throws', {'strat.config.mjs': "throw new Error('boom')\n"}, 'CONFIG_UNREADABLE', /boom/],
    ['two files', {'strat.config.ts': 'export default {}\n', 'strat.config.json': '{}'}, 'CONFIG_AMBIGUOUS', /strat.config.ts, strat.config.json/],
    ['a secret under its name', {'strat.config.json': '{"turso": {"apiToken": "hunter2hunter2"}}'}, 'CONFIG_SECRET', /turso.apiToken/],
    ['a secret by its looks', {'strat.config.json': '{"turso": {"group": "eyJhbGciOi.hunter2.hunter2"}}'}, 'CONFIG_SECRET', /turso.group/],
    [
      'a secret behind a word',
      {'strat.config.json': '{"turso": {"organization": "Bearer eyJhbGciOi.hunter2.hunter2"}}'},
      'CONFIG_SECRET',
      /turso.organization/,
    ],
    ['a secret in a URL', {'strat.config.json': '{"github": {"apiUrl": "https://me:hunter2@github.test"}}'}, 'CONFIG_SECRET', /github.apiUrl/],
    ['a secret for a key', {'strat.config.json': '{"turso": {"eyJhbGciOi.hunter2.hunter2": 1}}'}, 'CONFIG_SECRET', /turso.a key/],
    [
      'a secret in a query',
      {'strat.config.json': '{"turso": {"apiUrl": "https://turso.test/?key=hunter2"}}'},
      'CONFIG_INVALID',
      /turso.apiUrl: must hold no user, password, query or fragment/,
    ],
    ['a secret where a group of settings belongs', {'strat.config.json': '{"turso": "hunter2"}'}, 'CONFIG_INVALID', /turso: Invalid type: Expected Object/],
    ['a file that never loads', {'strat.config.mjs': 'await new Promise(() => undefined)\n'}, 'CONFIG_UNREADABLE', /did not load within 5 seconds/],
    ['a secret in a list', {'strat.config.json': '{"market": {"days": ["ghp_hunter2hunter2"]}}'}, 'CONFIG_SECRET', /market.days.0/],
    ['a secret in broken JSON', {'strat.config.json': '{"apiToken": "hunter2" oops}'}, 'CONFIG_UNREADABLE', /it is not JSON/],
  ])('%s', async ([, files, code, message, suggestion], {folder, strat}) => {
    await writeFiles(folder, files)
    const before = await snapshot(folder)
    for (const command of ['create stage-condor', 'list', 'config']) {
      const result = await strat(`${command} --json`)
      expect({command, exit: result.code, code: result.json.error.code}).toEqual({command, exit: 78, code})
      expect(result.json.error.message).toMatch(message)
      if (suggestion) expect(result.json.error.suggestions).toContain(suggestion)
      expect(result.stdout + result.stderr).not.toContain('hunter2')
    }
    expect((await strat('list')).stderr).not.toContain('hunter2')
    expect(await snapshot(folder)).toEqual(before)
  })

  test.for([
    [{STRAT_PLATFORM: 'moon'}, /STRAT_PLATFORM has no valid value: a platform is local or turso/],
    [{STRAT_CONCURRENCY: '0'}, /STRAT_CONCURRENCY/],
    [{STRAT_DEV_URL: 'ftp://x'}, /STRAT_DEV_URL/],
    [{TURSO_API_BASEURL: 'https://me:hunter2@api'}, /TURSO_API_BASEURL/],
    [{GITHUB_API_URL: 'https://api/?token=hunter2'}, /GITHUB_API_URL/],
    [{STRAT_DEV_URL: 'https://api/#hunter2'}, /STRAT_DEV_URL/],
    [{TURSO_ORGANIZATION: 'eyJhbGciOi.hunter2.hunter2'}, /TURSO_ORGANIZATION/],
  ] as const)('so is an environment variable: %o', async ([env, message], {strat}) => {
    const {code, json, stdout} = await strat('list --json', {env})
    expect({code, error: json.error}).toMatchObject({code: 78, error: {code: 'ENVIRONMENT_INVALID', message: expect.stringMatching(message)}})
    expect(stdout).not.toContain('hunter2')
  })
})

test('a project as npm init makes it, of type commonjs, works', async ({folder, strat}) => {
  await writeFiles(folder, {'package.json': '{"name": "bots", "type": "commonjs"}'})
  expect((await strat('init --eject')).code).toBe(0)
  expect(await strat('create stage-condor --json')).toMatchObject({code: 0, stderr: ''})
})

test("what a user's file logs goes to stderr", async ({folder, strat}) => {
  await writeFiles(folder, {'strat.config.mjs': "console.log('loading')\nexport default {}\n"})
  const {json, stderr} = await strat('list --json')
  expect({json, stderr}).toEqual({json: {strategies: [], warnings: []}, stderr: 'loading\n'})
})

describe('strat init', () => {
  test('writes the configuration, and with --eject migrations and templates that work', async ({folder, strat}) => {
    expect((await strat('init --json')).json).toEqual({files: [{path: 'strat.config.ts', status: 'created'}], warnings: []})
    expect((await strat('init --eject --json')).json.files.map(({path, status}: {path: string; status: string}) => `${path} ${status}`)).toEqual([
      'strat.config.ts kept',
      'migrations/archive/0001_initial.ts created',
      'migrations/archive/0002_seal_order.ts created',
      'migrations/strategy/0001_initial.ts created',
      'templates/archive.json created',
      'templates/blank.json created',
      'templates/butterfly.json created',
      'templates/condor.json created',
    ])
    expect((await strat('init --eject')).stderr).toContain("make sure it says migrations: './migrations'")
    await writeFiles(folder, {'strat.config.ts': "export default {migrations: './migrations', templates: './templates'}\n"})
    expect((await strat('init --eject --json')).json.warnings).toEqual([])
    expect((await strat('init --eject --force --json')).json.files[0]).toEqual({path: 'strat.config.ts', status: 'overwritten'})
    const {json} = await strat('config --json')
    expect(json.settings).toMatchObject({migrations: {value: join(folder, 'migrations')}, templates: {value: join(folder, 'templates')}})
    expect((await strat('create stage-condor --json')).json).toMatchObject({status: 'created', migrations: ['0001_initial']})
  })

  test('never overwrites what is there', async ({folder, strat}) => {
    await writeFiles(folder, {'migrations/strategy/0001_initial.ts': '// mine'})
    const before = await snapshot(folder)
    expect((await strat('init --eject --json')).json.files).toContainEqual({path: 'migrations/strategy/0001_initial.ts', status: 'kept'})
    expect(await snapshot(folder)).toMatchObject(before)
  })

  test('writes a bot to start from with --bot', async ({folder, strat}) => {
    expect((await strat('init --bot --json')).json.files.map(({path}: {path: string}) => path)).toEqual([
      'strat.config.ts',
      'bot.py',
      'strat_store.py',
      '.github/workflows/stage-condor.yml',
    ])
    const run = spawnSync('python3', ['bot.py'], {cwd: folder, encoding: 'utf8', env: {PATH: process.env['PATH']}})
    expect(run).toMatchObject({status: 1, stderr: expect.stringContaining('TURSO_DB_URL is not set')})
  })

  test("writes a bot's and the fleet's workflows with --workflows, and keeps those that are there", async ({folder, strat}) => {
    const workflows = ['stage-condor', 'strat-migrate', 'strat-rotate', 'strat-check', 'strat-canary', 'strat-archive'].map(
      (name) => `.github/workflows/${name}.yml`,
    )
    const [, , rotate = ''] = workflows
    await writeFiles(folder, {[rotate]: '# mine'})
    const statuses = async (args: string) => (await strat(`init --workflows --json ${args}`)).json.files
    expect(await statuses('')).toEqual(['strat.config.ts', ...workflows].map((path) => ({path, status: path === rotate ? 'kept' : 'created'})))
    const before = await snapshot(folder)
    expect(await statuses('')).toEqual(['strat.config.ts', ...workflows].map((path) => ({path, status: 'kept'})))
    expect(await snapshot(folder)).toEqual(before)
    expect(await statuses('--force')).toContainEqual({path: rotate, status: 'overwritten'})
  })

  test('makes no second configuration', async ({folder, strat}) => {
    await writeFiles(folder, {'strat.config.json': '{}'})
    expect((await strat('init --json')).json.error).toMatchObject({code: 'FILE_EXISTS', message: expect.stringContaining('strat.config.json')})
  })
})

describe('strat migrate new', () => {
  test("needs migrations of one's own", async ({strat}) => {
    expect((await strat('migrate new notes --json')).json.error).toMatchObject({
      code: 'MIGRATIONS_NOT_EJECTED',
      suggestions: expect.arrayContaining([expect.stringContaining('strat init --eject')]),
    })
  })

  test('numbers on, for either kind, and never overwrites', async ({strat}) => {
    await strat('init --eject')
    expect((await strat('migrate new Add_the-index! --kind archive --json')).json).toMatchObject({name: '0003_add_the_index', kind: 'archive'})
    expect((await strat('migrate new more --kind archive --json')).json.name).toBe('0004_more')
    expect((await strat('migrate new ??? --json')).json.error.code).toBe('USAGE')
    expect((await strat('migrate new x --kind bot --json')).json.error.code).toBe('USAGE')
  })
})
