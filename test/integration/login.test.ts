import {mkdir, readdir, readFile, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {modeOf, snapshot} from '../helpers/files.ts'
import type {RunOptions} from '../helpers/strat.ts'
import {runInTerminal} from '../helpers/terminal.ts'
import {test as base} from '../helpers/test.ts'
import {platformToken, type TursoServer, usingTursoServer} from '../helpers/turso-server.ts'

const secret = platformToken
const expiry = Math.floor(Date.now() / 1000) + 86_400

/** `turso` answers for the API; `login` is `strat` with its own home for credentials. */
const test = base.extend<{
  turso: TursoServer
  env: Record<string, string>
  run: (args: string, options?: RunOptions) => ReturnType<typeof import('../helpers/strat.ts')['runStrat']>
}>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern
  turso: async ({}, use) =>
    usingTursoServer(async (server) => {
      server.answers['/v1/auth/validate'] = {exp: expiry}
      await use(server)
    }),
  env: async ({folder, turso}, use) => use({XDG_CONFIG_HOME: join(folder, 'home'), TURSO_API_BASEURL: turso.url}),
  run: async ({strat, env}, use) =>
    use(async (args, options = {}) => {
      const result = await strat(args, {...options, env: {...env, ...options.env}})
      expect(result.stdout + result.stderr).not.toContain(secret)
      return result
    }),
})
const fileIn = (folder: string) => join(folder, 'home/strat/credentials.json')

describe('strat login', () => {
  test('takes no token as an argument, and repeats none', async ({run}) => {
    expect(await run(`login ${secret} --json`)).toMatchObject({code: 2, json: {error: {code: 'USAGE', message: 'strat login takes no argument.'}}})
  })

  test('takes the address of the API with its version, too', async ({run, turso}) => {
    expect(await run('login --json', {input: secret, env: {TURSO_API_BASEURL: `${turso.url}/v1`}})).toMatchObject({code: 0})
    expect(turso.requests).toEqual(['GET /v1/auth/validate'])
  })

  test('does not wait for ever for a folder that cannot be made', async ({run}) => {
    expect(await run('login --json', {input: secret, env: {XDG_CONFIG_HOME: '/proc/strat'}})).toMatchObject({json: {error: {code: 'CREDENTIALS_NOT_STORED'}}})
  })

  test('stores a token from stdin that Turso takes, for its owner only', async ({folder, run, turso}) => {
    const {code, json} = await run('login --json', {input: `${secret}\n`})
    expect({code, json}).toEqual({
      code: 0,
      json: {apiUrl: turso.url, expiresAt: new Date(expiry * 1000).toISOString(), file: fileIn(folder), warnings: []},
    })
    expect([await modeOf(fileIn(folder)), await modeOf(join(folder, 'home/strat'))]).toEqual(['600', '700'])
    expect(await readdir(join(folder, 'home/strat'))).toEqual(['credentials.json'])
    expect(JSON.parse(await readFile(fileIn(folder), 'utf8'))).toEqual({[turso.url]: {apiToken: secret}})
    expect(turso.requests).toEqual(['GET /v1/auth/validate'])
  })

  test('is what the commands use, and strat config tells', async ({folder, run}) => {
    await run('login', {input: secret})
    expect((await run('list --platform turso --json')).json).toMatchObject({strategies: []})
    expect((await run('config --json')).json.settings['turso.apiToken']).toEqual({value: true, source: 'login', from: fileIn(folder)})
    expect((await run('config')).stdout).toContain(`turso.apiToken\tset\tlogin (${fileIn(folder)})\n`)
  })

  test('gives way to TURSO_API_TOKEN, and says so', async ({run}) => {
    await run('login', {input: secret})
    const env = {TURSO_API_TOKEN: 'another-token'}
    expect(await run('list --platform turso --json', {env})).toMatchObject({code: 4, json: {error: {code: 'TURSO_UNAUTHENTICATED'}}})
    expect((await run('config --json', {env})).json.settings['turso.apiToken']).toMatchObject({source: 'environment', from: 'TURSO_API_TOKEN'})
    expect((await run('login --json', {env, input: secret})).json.warnings).toEqual([expect.stringContaining('TURSO_API_TOKEN is set')])
  })

  test('counts for the API that it was made for only, whatever slashes its URL ends with', async ({run, turso}) => {
    await run('login', {input: secret, env: {TURSO_API_BASEURL: `${turso.url}//`}})
    expect((await run('list --platform turso')).code).toBe(0)
    await usingTursoServer(async (other) => {
      const env = {TURSO_API_BASEURL: other.url}
      expect(await run('list --platform turso --json', {env})).toMatchObject({code: 4, json: {error: {code: 'TURSO_UNAUTHENTICATED'}}})
      expect(other.requests).toEqual([])
    })
  })

  test('says when a token never expires', async ({run, turso}) => {
    turso.answers['/v1/auth/validate'] = {exp: -1}
    expect((await run('login', {input: secret})).stdout).toContain('the platform token never expires')
  })

  test('asks for the token on a terminal without showing it', async ({folder, env}) => {
    const {code, screen} = await runInTerminal(['login'], {cwd: folder, env, input: `${secret}\\r`})
    expect({code, screen}).toMatchObject({code: 0, screen: expect.stringContaining('Logged in to ')})
    expect(screen).not.toContain(secret)
    expect(await readFile(fileIn(folder), 'utf8')).toContain(secret)
  })

  test.for<[title: string, input: string, answer: unknown, code: string, exit: number]>([
    ['a token that Turso refuses', 'wrong', undefined, 'TURSO_UNAUTHENTICATED', 4],
    ['a token of two lines', `${secret}\n${secret}\n`, undefined, 'TURSO_UNAUTHENTICATED', 4],
    ['a token with a second newline', `${secret}\n\n`, undefined, 'TURSO_UNAUTHENTICATED', 4],
    ['an expired token', secret, {exp: 1}, 'TURSO_UNAUTHENTICATED', 4],
    ['nothing', '', undefined, 'TOKEN_REQUIRED', 2],
    ['a newline', '\n', undefined, 'TOKEN_REQUIRED', 2],
    ['an API that does not say when the token expires', secret, {}, 'TURSO_ANSWER_INVALID', 1],
  ])('does not store %s', async ([, input, answer, code, exit], {folder, run, turso}) => {
    if (answer) turso.answers['/v1/auth/validate'] = answer
    expect(await run('login --json', {input})).toMatchObject({code: exit, json: {error: {code}}})
    expect(await run('login', {input})).toMatchObject({code: exit, stdout: ''})
    expect(await snapshot(folder)).toEqual({})
  })

  test('keeps the logins to other APIs, and heals a file that is broken', async ({folder, run, turso}) => {
    await mkdir(join(folder, 'home/strat'), {recursive: true})
    for (const broken of ['{"https://api', '[1]', 'null', '{"x": 1, "y": {"apiToken": 2}}']) {
      await writeFile(fileIn(folder), broken)
      expect((await run('list')).code).toBe(0)
      expect((await run('login', {input: secret})).code).toBe(0)
      expect(Object.keys(JSON.parse(await readFile(fileIn(folder), 'utf8')))).toEqual([turso.url])
    }
    await writeFile(fileIn(folder), JSON.stringify({'https://api.turso.tech': {apiToken: 'kept'}}))
    await run('login', {input: secret})
    expect(JSON.parse(await readFile(fileIn(folder), 'utf8'))).toEqual({'https://api.turso.tech': {apiToken: 'kept'}, [turso.url]: {apiToken: secret}})
  })

  test('writes into no file that a link leads to', async ({folder, run}) => {
    await mkdir(join(folder, 'home/strat'), {recursive: true})
    await writeFile(join(folder, 'elsewhere'), 'mine')
    await symlink(join(folder, 'elsewhere'), fileIn(folder))
    await run('login', {input: secret})
    expect(await readFile(join(folder, 'elsewhere'), 'utf8')).toBe('mine')
    // The folder was there, open to others.
    expect([await modeOf(fileIn(folder)), await modeOf(join(folder, 'home/strat'))]).toEqual(['600', '700'])
  })

  test('names the file that it cannot write, and the way without it', async ({folder, run}) => {
    await writeFile(join(folder, 'home'), '')
    expect(await run('login --json', {input: secret})).toMatchObject({
      code: 1,
      json: {
        error: {
          code: 'CREDENTIALS_NOT_STORED',
          message: expect.stringContaining(fileIn(folder)),
          suggestions: expect.arrayContaining([expect.stringContaining('TURSO_API_TOKEN')]),
        },
      },
    })
  })
})

describe('strat logout', () => {
  test('forgets the token of this API alone', async ({folder, run}) => {
    await run('login', {input: secret})
    const file = JSON.parse(await readFile(fileIn(folder), 'utf8'))
    await writeFile(fileIn(folder), JSON.stringify({...file, 'https://api.turso.tech': {apiToken: 'kept'}}))
    expect((await run('logout --json')).json).toMatchObject({status: 'removed'})
    expect(JSON.parse(await readFile(fileIn(folder), 'utf8'))).toEqual({'https://api.turso.tech': {apiToken: 'kept'}})
    expect((await run('logout --json')).json).toMatchObject({status: 'absent'})
    expect((await run('list --platform turso')).code).toBe(4)
  })

  test('makes nothing where there was no login', async ({folder, run}) => {
    expect((await run('logout')).stdout).toContain('There was no login')
    expect(await snapshot(folder)).toEqual({})
  })
})
