import {mkdir, readFile, rm, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseEnv} from 'node:util'
import {decodeJwt} from 'jose'
import {describe, expect} from 'vitest'
import {execute} from '../helpers/database.ts'
import {modeOf, snapshot, writeFiles} from '../helpers/files.ts'
import {test} from '../helpers/test.ts'
import {unsignedToken} from '../helpers/token.ts'

const fileIn = (folder: string) => join(folder, '.env.stage-condor')
const variablesIn = async (folder: string) => parseEnv(await readFile(fileIn(folder), 'utf8'))

describe('strat create', () => {
  test("writes the bot's address and token, and shows neither token nor file's content", async ({folder, strat}) => {
    const created = await strat('create stage-condor --json')
    const {TURSO_DB_URL, TURSO_AUTH_TOKEN = ''} = await variablesIn(folder)
    expect(TURSO_DB_URL).toBe('http://127.0.0.1:8080/dev/stage-condor')
    const {exp = 0, iat = 0, perm} = decodeJwt(TURSO_AUTH_TOKEN)
    expect({days: (exp - iat) / 86_400, perm}).toMatchObject({days: 90, perm: [{t: ['trade_logs'], a: ['data_read', 'data_add']}, {}]})
    expect(created.json.token).toEqual({status: 'minted', expiresAt: new Date(exp * 1000).toISOString()})
    expect(await modeOf(fileIn(folder))).toBe('600')
    for (const args of ['create stage-condor', 'show stage-condor', 'show stage-condor --json', 'list --json']) {
      const {stdout, stderr} = await strat(args)
      expect(stdout + stderr).not.toContain(TURSO_AUTH_TOKEN.split('.')[2])
    }
  })

  test('brings a strategy what the run that made it did not, and keeps what is good', async ({folder, strat}) => {
    await strat('create stage-condor --secrets none')
    expect(Object.keys(await snapshot(folder))).not.toContain('.env.stage-condor')
    expect((await strat('create stage-condor --json')).json).toMatchObject({status: 'existing', token: {status: 'minted'}})
    await writeFile(fileIn(folder), `${await readFile(fileIn(folder), 'utf8')}LOTS=2\n`)
    const before = await snapshot(folder)
    expect((await strat('create stage-condor --json')).json).toMatchObject({status: 'existing', token: {status: 'kept'}, secrets: [{}, {}]})
    expect((await snapshot(folder))['.env.stage-condor']).toBe(before['.env.stage-condor'])
  })

  test.for<[string, (text: string) => string]>([
    ['without a token', (text) => text.replace(/^TURSO_AUTH_TOKEN=.*\n/m, '')],
    ['with half a token', (text) => text.trimEnd().slice(0, -120)],
    [
      'with an expired token',
      (text) => text.replace(/^TURSO_AUTH_TOKEN=.*$/m, `TURSO_AUTH_TOKEN=${unsignedToken({expiresAt: Date.now() - 1000, id: undefined})}`),
    ],
    ['with an address that is out of date', (text) => text.replace('8080', '9090')],
    ['that is empty', () => ''],
  ])('replaces a file %s, without a warning', async ([, spoil], {folder, strat}) => {
    await strat('create stage-condor')
    const good = await readFile(fileIn(folder), 'utf8')
    await writeFile(fileIn(folder), spoil(good))
    expect((await strat('create stage-condor --json')).json).toMatchObject({token: {status: 'minted'}, warnings: []})
    expect((await strat('create stage-condor --json')).json).toMatchObject({token: {status: 'kept'}})
  })

  test('gives a database that was made again a token of its own', async ({folder, strat}) => {
    const {json} = await strat('create stage-condor --json')
    for (const file of ['.db', '.db-wal', '.db-shm']) await rm(join(folder, `.strat/stage-condor${file}`), {force: true})
    const again = await strat('create stage-condor --json')
    expect(again.json).toMatchObject({status: 'created', token: {status: 'minted'}, warnings: []})
    expect(new Date(again.json.token.expiresAt).getTime()).toBeGreaterThanOrEqual(new Date(json.token.expiresAt).getTime())
  })

  test('tells that it replaced the secrets of another database', async ({folder, strat}) => {
    await writeFile(fileIn(folder), `TURSO_DB_URL=https://stage-condor-me.turso.test\nTURSO_AUTH_TOKEN=${unsignedToken()}\n`)
    expect((await strat('create stage-condor --json')).json.warnings).toEqual(['The secrets of another database were replaced in .env.stage-condor.'])
  })

  test('makes none for an archive, unless asked, and none for a template that allows nothing', async ({folder, strat}) => {
    expect((await strat('create archive --json')).json).toMatchObject({secrets: [], token: null})
    expect((await strat('create archive --secrets dotenv --json')).json).toMatchObject({secrets: [{scope: '.env.archive'}, {}]})
    await writeFiles(folder, {'strat.config.json': '{"templates": "./mine"}', 'mine/nothing.json': '{"kind": "strategy", "permissions": []}'})
    expect((await strat('create stage-nothing --json')).json).toMatchObject({
      status: 'created',
      secrets: [],
      token: null,
      warnings: [expect.stringContaining('no token')],
    })
  })

  test('--dry-run says what would be written', async ({folder, strat}) => {
    expect((await strat('create stage-condor --dry-run --json')).json.secrets).toHaveLength(2)
    expect((await strat('create stage-condor --dry-run')).stdout).toContain('  TURSO_AUTH_TOKEN into .env.stage-condor\n')
    expect(await snapshot(folder)).toEqual({})
    await strat('create stage-condor')
    expect((await strat('create stage-condor --dry-run --json')).json.secrets).toEqual([])
  })

  test.for<[string, (folder: string) => Promise<unknown>]>([
    ['a link', (folder) => symlink('/nowhere/else', fileIn(folder))],
    ['a folder', (folder) => mkdir(fileIn(folder))],
  ])('refuses an .env that is %s, before anything is made', async ([, make], {folder, strat}) => {
    await make(folder)
    for (const args of ['create stage-condor --json', 'create stage-condor --dry-run --json']) {
      expect((await strat(args)).json.error).toMatchObject({code: 'SECRETS_UNWRITABLE', message: expect.stringContaining(fileIn(folder))})
    }
    expect(Object.keys(await snapshot(folder))).toEqual([])
    expect((await strat('create stage-condor --secrets none --json')).json.status).toBe('created')
    expect((await strat('show stage-condor --json')).json).toMatchObject({secrets: [], token: {expiresAt: null}})
  })

  test('knows no other place', async ({strat}) => {
    expect((await strat('create stage-condor --secrets vault --json')).json.error).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('github, dotenv, none'),
    })
  })

  test('six times at once leaves one whole pair', async ({folder, strat}) => {
    const results = await Promise.all(Array.from({length: 6}, () => strat('create stage-condor --json')))
    expect(results.map(({code}) => code)).toEqual([0, 0, 0, 0, 0, 0])
    expect(Object.keys(await snapshot(folder)).filter((name) => name.startsWith('.env'))).toEqual(['.env.stage-condor'])
    expect((await strat('create stage-condor --json')).json).toMatchObject({token: {status: 'kept'}})
  })
})

describe('strat show', () => {
  test("tells where the bot's token is and until when, and what to do when there is none", async ({folder, strat}) => {
    await strat('create stage-condor')
    expect((await strat('show stage-condor')).stdout).toMatch(/Bot token {3}in \.env\.stage-condor until \d{4}-\d\d-\d\d, 0 minutes old\n/)
    await writeFile(fileIn(folder), `TURSO_AUTH_TOKEN=${unsignedToken({id: undefined, expiresAt: 0 + 86_400_000})}\n`)
    expect((await strat('show stage-condor')).stdout).toContain('expired on 1970-01-02: strat create stage-condor makes a new one\n')
    await writeFile(fileIn(folder), `TURSO_AUTH_TOKEN=${unsignedToken()}\n`)
    expect((await strat('show stage-condor')).stdout).toContain('none of this database in .env.stage-condor: strat create stage-condor makes one\n')
    await rm(fileIn(folder))
    expect((await strat('show stage-condor')).stdout).toContain('Bot token   none here: strat create stage-condor makes one\n')
  })
})

describe('strat destroy', () => {
  const destroy = 'destroy stage-condor --confirm stage-condor --json'

  test('takes its secrets along, and leaves what else is in the file', async ({folder, strat}) => {
    await strat('create stage-condor')
    await writeFile(fileIn(folder), `LOTS=2\n${await readFile(fileIn(folder), 'utf8')}`)
    expect((await strat(destroy)).json.secretsRemoved).toEqual(['TURSO_DB_URL', 'TURSO_AUTH_TOKEN'])
    expect(await readFile(fileIn(folder), 'utf8')).toBe('LOTS=2\n')
    expect((await strat('create stage-condor --json')).json.token.status).toBe('minted')
  })

  test('leaves the secrets of another database of that name', async ({folder, strat}) => {
    await strat('create stage-condor --secrets none')
    await writeFile(fileIn(folder), `TURSO_DB_URL=https://stage-condor-me.turso.test\nTURSO_AUTH_TOKEN=${unsignedToken()}\n`)
    const before = await snapshot(folder)
    expect((await strat(destroy)).json).toMatchObject({status: 'destroyed', secretsRemoved: []})
    expect((await snapshot(folder))['.env.stage-condor']).toBe(before['.env.stage-condor'])
  })

  test('that is refused leaves the bot its secrets', async ({folder, strat}) => {
    await strat('create stage-condor')
    await execute(join(folder, '.strat/platform.sqlite'), 'UPDATE databases SET delete_protection = 1')
    const before = await snapshot(folder)
    expect((await strat(destroy)).json.error.code).toBe('DATABASE_DELETE_PROTECTED')
    expect((await snapshot(folder))['.env.stage-condor']).toBe(before['.env.stage-condor'])
  })

  test('refuses while it could not take the secrets along', async ({folder, strat}) => {
    await strat('create stage-condor')
    await writeFile(fileIn(folder), `A= \n${await readFile(fileIn(folder), 'utf8')}`)
    expect((await strat(destroy)).json.error.code).toBe('SECRETS_UNWRITABLE')
    expect((await strat('list --json')).json.strategies).toHaveLength(1)
  })
})
