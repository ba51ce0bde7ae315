import {execFileSync} from 'node:child_process'
import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseEnv} from 'node:util'
import {decodeJwt} from 'jose'
import {describe, expect} from 'vitest'
import {execute} from '../helpers/database.ts'
import {snapshot, writeFiles} from '../helpers/files.ts'
import {test} from '../helpers/test.ts'

const url = 'http://127.0.0.1:8080/dev/stage-condor'
const jwt = /eyJ[\w-]+\.[\w-]+\.[\w-]+/
/** What a child sees of both variables. */
const print = 'console.log(JSON.stringify([process.env.TURSO_DB_URL, process.env.TURSO_AUTH_TOKEN]))'

describe('strat env', () => {
  test('prints what a bot needs and nothing else, and mints it anew each time', async ({strat}) => {
    await strat('create stage-condor')
    const {code, stdout, stderr} = await strat('env stage-condor')
    const variables = parseEnv(stdout)
    expect({code, lines: stdout.split('\n').length, variables}).toEqual({
      code: 0,
      lines: 3,
      variables: {TURSO_DB_URL: url, TURSO_AUTH_TOKEN: expect.stringMatching(jwt)},
    })
    expect(stderr).toMatch(/^The token is a secret and expires on \d{4}-\d\d-\d\d at \d\d:\d\d UTC\.\n$/)
    const claims = decodeJwt(variables['TURSO_AUTH_TOKEN'] ?? '')
    expect(claims).toMatchObject({
      a: 'rw',
      perm: [
        {t: ['trade_logs'], a: ['data_read', 'data_add']},
        {t: ['portfolio_state', 'active_positions'], a: ['data_read', 'data_add', 'data_update', 'data_delete']},
      ],
    })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(90 * 86_400)
  })

  test('as JSON tells when the token expires, which is asked for or a setting', async ({folder, strat}) => {
    await strat('create stage-condor')
    const lifetime = async (flags: string) => {
      const {json} = await strat(`env stage-condor ${flags}`)
      expect(Object.keys(json)).toEqual(['TURSO_DB_URL', 'TURSO_AUTH_TOKEN', 'expiresAt'])
      const {exp = 0, iat = 0} = decodeJwt(json.TURSO_AUTH_TOKEN)
      expect(new Date(json.expiresAt).getTime()).toBe(exp * 1000)
      return exp - iat
    }
    await writeFiles(folder, {'strat.config.json': '{"tokens": {"lifetime": "2w1d"}}'})
    expect(await lifetime('--json')).toBe(15 * 86_400)
    expect(await lifetime('--format json --expiration 12h')).toBe(43_200)
  })

  test('--read-only is a token that only reads, of an archive too', async ({strat}) => {
    for (const name of ['stage-condor', 'archive']) {
      await strat(`create ${name}`)
      const {json} = await strat(`env ${name} --read-only --json`)
      expect(decodeJwt(json.TURSO_AUTH_TOKEN)).toMatchObject({a: 'ro'})
    }
    expect(decodeJwt((await strat('env archive --json')).json.TURSO_AUTH_TOKEN)).toMatchObject({
      perm: [{t: ['trade_logs', 'archive_batches'], a: ['data_read']}],
    })
  })

  test('for a shell can be evaluated, for a file can be loaded', async ({folder, strat}) => {
    await strat('create stage-condor')
    await writeFile(join(folder, 'of-shell'), (await strat('env stage-condor --format shell')).stdout)
    await writeFile(join(folder, 'of-dotenv'), (await strat('env stage-condor --format dotenv')).stdout)
    const node = (args: string[], command = process.execPath) => JSON.parse(execFileSync(command, args, {cwd: folder, encoding: 'utf8'}))
    const expected = [url, expect.stringMatching(jwt)]
    expect(node(['-c', `eval "$(cat of-shell)"; exec "$0" -e '${print}'`, process.execPath], 'bash')).toEqual(expected)
    expect(node(['-c', `set -a; . ./of-dotenv; exec "$0" -e '${print}'`, process.execPath], 'sh')).toEqual(expected)
    expect(node(['--env-file=of-dotenv', '-e', print])).toEqual(expected)
  })

  test('in GitHub Actions hides the token before anything else, and hands it to the next steps', async ({folder, strat}) => {
    await strat('create stage-condor')
    const env = {GITHUB_ACTIONS: 'true', GITHUB_ENV: join(folder, 'github-env')}
    await writeFile(env.GITHUB_ENV, 'A=1\n')
    const {stdout} = await strat('env stage-condor --format github', {env})
    const variables = parseEnv(await readFile(env.GITHUB_ENV, 'utf8'))
    expect(variables).toEqual({A: '1', TURSO_DB_URL: url, TURSO_AUTH_TOKEN: expect.stringMatching(jwt)})
    expect(stdout).toBe(`::add-mask::${variables['TURSO_AUTH_TOKEN']}\n`)
    // Where stdout is captured, the runner reads the mask from stderr.
    const json = await strat('env stage-condor --json', {env})
    expect(json.stderr).toBe(`::add-mask::${json.json.TURSO_AUTH_TOKEN}\n`)
    const shell = await strat('env stage-condor --format shell', {env})
    expect(shell.stderr.split('\n')[0]).toBe(`::add-mask::${jwt.exec(shell.stdout)?.[0]}`)
  })

  test('outside of GitHub Actions, --format github says how to set the secrets instead', async ({strat}) => {
    await strat('create stage-condor')
    const {code, json} = await strat('env stage-condor --format github --json')
    expect({code, error: json.error}).toMatchObject({
      code: 2,
      error: {code: 'USAGE', suggestions: expect.arrayContaining(['strat env stage-condor | gh secret set --env stage-condor --env-file -'])},
    })
  })

  test('follows the address of the local server', async ({folder, strat}) => {
    await strat('create stage-condor')
    const {json} = await strat('env stage-condor --json', {env: {STRAT_DEV_URL: 'http://127.0.0.1:9999/'}})
    expect(json.TURSO_DB_URL).toBe('http://127.0.0.1:9999/dev/stage-condor')
    await writeFiles(folder, {'strat.config.json': '{"local": {"url": "http://localhost:7777/"}}'})
    expect((await strat('env stage-condor --json')).json.TURSO_DB_URL).toBe('http://localhost:7777/dev/stage-condor')
  })

  test('makes no token that may do everything because a template is gone', async ({folder, strat}) => {
    await writeFiles(folder, {
      'strat.config.json': '{"templates": "./mine"}',
      'mine/straddle.json': '{"kind": "strategy", "permissions": [{"tables": null, "actions": ["data_read"]}]}',
    })
    await strat('create stage-straddle')
    await writeFiles(folder, {'mine/straddle.json': '{"kind": "strategy", "permissions": []}'})
    const {code, json} = await strat('env stage-straddle --json')
    expect({code, error: json.error}).toMatchObject({
      code: 1,
      error: {code: 'PERMISSIONS_UNKNOWN', suggestions: expect.arrayContaining(['strat env stage-straddle --read-only'])},
    })
    expect((await strat('env stage-straddle --read-only')).code).toBe(0)
  })

  test.for([
    ['env', 2, 'USAGE'],
    ['env stage-condor --expiration 1d_bogus', 2, 'USAGE'],
    ['env stage-condor --expiration 0d', 2, 'USAGE'],
    ['env stage-condor --expiration never', 2, 'USAGE'],
    ['env stage-condor --expiration 36500d', 2, 'USAGE'],
    ['env stage-condor --format yaml', 2, 'USAGE'],
    ['env stage-gone', 1, 'STRATEGY_NOT_FOUND'],
    ['env ../stage', 2, 'STRATEGY_NAME_INVALID'],
    ['env notes-archive', 1, 'STRATEGY_NOT_OURS'],
  ] as const)('%s: an error, and no token', async ([args, exit, code], {folder, strat}) => {
    await strat('create stage-condor')
    await execute(join(folder, '.strat/notes-archive.db'), 'CREATE TABLE notes (x)')
    const before = await snapshot(folder)
    const result = await strat(`${args} --json`)
    expect({exit: result.code, code: result.json.error.code}).toEqual({exit, code})
    const text = await strat(args)
    expect({code: text.code, stdout: text.stdout}).toEqual({code: exit, stdout: ''})
    for (const output of [result.stdout, result.stderr, text.stderr]) expect(output).not.toMatch(jwt)
    expect((await snapshot(folder))['.env.stage-condor']).toBe(before['.env.stage-condor'])
  })
})
