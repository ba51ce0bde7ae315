import {execFileSync} from 'node:child_process'
import {chmod, chown, mkdir, readdir, rm, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {execute, query} from '../helpers/database.ts'
import {writeFiles} from '../helpers/files.ts'
import {test} from '../helpers/test.ts'

const database = (folder: string, name = 'stage-condor') => join(folder, '.strat', `${name}.db`)

/** For whom permissions count: root may write anywhere. */
const nobody = process.getuid?.() === 0 ? 65534 : undefined
const asNobody = nobody === undefined ? {} : {uid: nobody}

describe('a disk that cannot be written', () => {
  test('a directory that cannot be made is told, and not tried for ever', async ({strat}) => {
    const {code, json} = await strat('create stage-condor --secrets none --json', {env: {STRAT_DIRECTORY: '/proc/strat/deep'}})
    expect([code, json.error.code]).toEqual([1, 'STORAGE_READ_ONLY'])
  })

  test('is named, with the way out', async ({folder, strat}) => {
    if (nobody !== undefined) await chown(folder, nobody, nobody)
    await chmod(folder, 0o555)
    const {code, json} = await strat('create stage-condor --secrets none --json', asNobody)
    expect({code, error: json.error}).toMatchObject({code: 1, error: {code: 'STORAGE_READ_ONLY', message: expect.stringContaining(join(folder, '.strat'))}})
    expect(json.error.suggestions.join()).toContain('STRAT_DIRECTORY')
    await chmod(folder, 0o755)
    expect(await readdir(folder)).toEqual([])
  })

  test('also where only one database is', async ({folder, strat}) => {
    if (nobody !== undefined) await chown(folder, nobody, nobody)
    await strat('create stage-condor', asNobody)
    await strat('create stage-other', asNobody)
    await chmod(database(folder), 0o000)
    const {code, json} = await strat('migrate --all --json', asNobody)
    expect(code).toBe(3)
    expect(json.databases).toMatchObject([
      {name: 'stage-condor', status: 'failed', code: 'STORAGE_READ_ONLY'},
      {name: 'stage-other', status: 'current'},
    ])
  })

  test('.strat may be a file', async ({folder, strat}) => {
    await writeFile(join(folder, '.strat'), '')
    expect((await strat('create stage-condor --json')).json.error.code).toBe('STORAGE_READ_ONLY')
    expect((await strat('list --json')).json.error.code).toBe('STORAGE_READ_ONLY')
  })
})

describe('a disk that is full', () => {
  test('is named, nothing is half done, and the next run finishes it', async ({folder, strat, skip}) => {
    const small = join(folder, 'small')
    await mkdir(small)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small], {stdio: 'ignore'})
    } catch {
      skip('A small disk can be mounted by root only.')
    }
    try {
      const env = {STRAT_DIRECTORY: join(small, 'strat')}
      const full = await strat('create stage-condor --json', {env})
      expect({code: full.code, error: full.json.error.code}).toEqual({code: 1, error: 'STORAGE_FULL'})
      execFileSync('mount', ['-o', 'remount,size=4m', small])
      const again = await strat('create stage-condor --json', {env})
      expect({code: again.code, status: again.json.status}).toMatchObject({code: 0, status: expect.stringMatching(/created|resumed/)})
      expect(await query(join(small, 'strat/stage-condor.db'), 'SELECT count(*) AS rows FROM portfolio_state')).toEqual([{rows: 1}])
    } finally {
      // Lazily: this process may hold the database open until its garbage is collected.
      execFileSync('umount', ['-l', small])
    }
  })
})

describe('a file that is no database', () => {
  test.for(['create stage-broken', 'show stage-broken', 'adopt stage-broken', 'destroy stage-broken --confirm stage-broken'])(
    'strat %s names it and leaves it as it is',
    async (command, {folder, strat}) => {
      await strat('create stage-condor')
      const content = 'This is not a database. '.repeat(300)
      await writeFile(database(folder, 'stage-broken'), content)
      const {code, json} = await strat(`${command} --json`)
      expect({code, error: json.error}).toMatchObject({code: 1, error: {code: 'DATABASE_CORRUPT', message: expect.stringContaining('stage-broken.db')}})
      const {readFile} = await import('node:fs/promises')
      expect(await readFile(database(folder, 'stage-broken'), 'utf8')).toBe(content)
    },
  )

  test('in a fleet fails alone', async ({folder, strat}) => {
    await strat('create stage-condor')
    await writeFile(database(folder, 'stage-broken'), 'x'.repeat(5000))
    const {code, json} = await strat('migrate --all --json')
    expect(code).toBe(3)
    expect(json.databases).toMatchObject([
      {name: 'stage-broken', code: 'DATABASE_CORRUPT'},
      {name: 'stage-condor', status: 'current'},
    ])
    const status = await strat('migrate status --json')
    expect(status.code).toBe(3)
    expect(status.json.databases).toMatchObject([
      {name: 'stage-broken', code: 'DATABASE_CORRUPT'},
      {name: 'stage-condor', pending: []},
    ])
  })

  test('may be a link or a folder: those are not databases', async ({folder, strat}) => {
    await strat('create stage-condor')
    await writeFiles(folder, {'elsewhere.db': ''})
    await symlink(join(folder, 'elsewhere.db'), database(folder, 'stage-link'))
    await symlink('nowhere', database(folder, 'stage-dangling'))
    await mkdir(database(folder, 'stage-folder'))
    expect((await strat('list --all-databases --json')).json).toMatchObject({strategies: [{name: 'stage-condor'}], databases: []})
    for (const name of ['stage-link', 'stage-folder', 'stage-dangling'])
      expect((await strat(`create ${name} --json`)).json.error, name).toMatchObject({code: 'DATABASE_PATH_TAKEN', message: expect.stringContaining(name)})
    expect(await readdir(folder)).toContain('elsewhere.db')
  })
})

describe('a database in use', () => {
  test('by a writer that does not let go is named, and nothing is changed', {timeout: 60_000}, async ({folder, strat}) => {
    const {createClient} = await import('@libsql/client/sqlite3')
    await strat('create stage-condor')
    const client = createClient({url: `file:${database(folder)}`})
    const transaction = await client.transaction('write')
    await transaction.execute('UPDATE portfolio_state SET free_margin = 1')
    const {code, json} = await strat('destroy stage-condor --confirm stage-condor --json')
    await transaction.rollback()
    client.close()
    expect({code, error: json.error.code}).toEqual({code: 1, error: 'DATABASE_BUSY'})
    expect((await strat('show stage-condor --json')).json.capital).toMatchObject({freeMargin: 500000})
  })

  test('whose file is gone is not made anew by looking at it', async ({folder, strat}) => {
    await strat('create stage-condor')
    await execute(database(folder), 'SELECT 1')
    await rm(database(folder))
    expect((await strat('show stage-condor --json')).json.error.code).toBe('STRATEGY_NOT_FOUND')
    expect(await readdir(join(folder, '.strat'))).not.toContain('stage-condor.db')
  })
})
