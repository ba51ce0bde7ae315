import {execFileSync, fork} from 'node:child_process'
import {chmod, chown, mkdir, readdir, readFile, stat, symlink, utimes, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseEnv} from 'node:util'
import {describe, expect} from 'vitest'
import {dotenvStore} from '../../src/secrets/dotenv.ts'
import {modeOf} from '../helpers/files.ts'
import {projectRoot, runStrat, usingFolder} from '../helpers/strat.ts'
import {test} from '../helpers/test.ts'
import {unsignedToken} from '../helpers/token.ts'
import {describeSecretStore} from './secret-store.ts'

describeSecretStore('dotenv', (use) => usingFolder((folder) => use(dotenvStore({folder}), dotenvStore({folder}))))

const secrets = {TURSO_DB_URL: 'http://127.0.0.1:8080/dev/stage-condor', TURSO_AUTH_TOKEN: unsignedToken()}
const fileIn = (folder: string) => join(folder, '.env.stage-condor')

describe('the dotenv file', () => {
  test('is for its owner only, also where it was not', async ({folder}) => {
    await writeFile(fileIn(folder), 'A=1\n', {mode: 0o644})
    await dotenvStore({folder}).write('stage-condor', secrets)
    expect(await modeOf(fileIn(folder))).toBe('600')
    expect(await readdir(folder)).toEqual(['.env.stage-condor'])
  })

  test('keeps what else is in it when the secrets come and go', async ({folder}) => {
    const others = '# my bot\r\nLOTS=2\r\nexport BROKER="x y" # mine'
    await writeFile(fileIn(folder), others)
    const store = dotenvStore({folder})
    await store.write('stage-condor', secrets)
    expect(await readFile(fileIn(folder), 'utf8')).toBe(`${others}\r\nTURSO_DB_URL=${secrets.TURSO_DB_URL}\r\nTURSO_AUTH_TOKEN=${secrets.TURSO_AUTH_TOKEN}\r\n`)
    await store.remove('stage-condor')
    expect(await readFile(fileIn(folder), 'utf8')).toBe(`${others}\r\n`)
  })

  test('is removed with the last thing in it', async ({folder}) => {
    const store = dotenvStore({folder})
    await store.write('stage-condor', secrets)
    await store.remove('stage-condor')
    expect(await readdir(folder)).toEqual([])
  })

  test('is left alone where there is nothing of ours in it', async ({folder}) => {
    await writeFile(fileIn(folder), 'A=1')
    const before = await stat(fileIn(folder))
    expect(await dotenvStore({folder}).remove('stage-condor')).toEqual([])
    expect((await stat(fileIn(folder))).ino).toBe(before.ino)
  })

  test.for<[string, (file: string) => Promise<unknown>, RegExp]>([
    ['a link', (file) => symlink('/nowhere/else', file), /it is a link/],
    ['a folder', (file) => mkdir(file), /it is no file/],
    ['not text', (file) => writeFile(file, Buffer.from([0xff, 0xfe, 0x41, 0])), /it is not text in UTF-8/],
    ['unclear', (file) => writeFile(file, 'A= \nTURSO_DB_URL=x\n'), /programs read in different ways/],
  ])('that is %s is refused, and nothing changes', async ([, make, reason], {folder}) => {
    await make(fileIn(folder))
    const before = await stat(fileIn(folder)).catch(() => undefined)
    const store = dotenvStore({folder})
    const refusal = {code: 'SECRETS_UNWRITABLE', message: expect.stringMatching(reason)}
    await expect(store.check('stage-condor')).rejects.toMatchObject(refusal)
    await expect(store.write('stage-condor', secrets)).rejects.toMatchObject(refusal)
    expect(await readdir(folder)).toEqual(['.env.stage-condor'])
    expect((await stat(fileIn(folder)).catch(() => undefined))?.ino).toBe(before?.ino)
  })

  test('that may not be written is refused by create before anything is made', async ({folder}) => {
    // Root may write anywhere.
    const uid = process.getuid?.() === 0 ? 65534 : undefined
    if (uid !== undefined) await chown(folder, uid, uid)
    const create = () => runStrat(['create', 'stage-condor', '--json'], {cwd: folder, ...(uid !== undefined && {uid})})
    await writeFile(fileIn(folder), 'A=1\n')
    await chmod(fileIn(folder), 0o444)
    if (uid !== undefined) await chown(fileIn(folder), uid, uid)
    expect(await create()).toMatchObject({code: 1, stdout: expect.stringContaining('SECRETS_UNWRITABLE')})
    await chmod(fileIn(folder), 0o600)
    await chmod(folder, 0o555)
    expect((await create()).json.error).toMatchObject({code: 'SECRETS_UNWRITABLE', message: expect.stringContaining(fileIn(folder))})
    await chmod(folder, 0o755)
    expect(await readdir(folder)).toEqual(['.env.stage-condor'])
  })

  test('is warned of where git would commit it', async ({folder}) => {
    const store = dotenvStore({folder})
    expect(await store.write('stage-condor', secrets)).toEqual({warnings: []})
    execFileSync('git', ['init', '--quiet'], {cwd: folder})
    expect(await store.write('stage-condor', secrets)).toEqual({warnings: [expect.stringContaining('Add the line .env.* to .gitignore')]})
    await writeFile(join(folder, '.gitignore'), '.env.*\n')
    expect(await store.write('stage-condor', secrets)).toEqual({warnings: []})
    execFileSync('git', ['add', '--force', '.env.stage-condor'], {cwd: folder})
    expect(await store.write('stage-condor', secrets)).toEqual({warnings: [expect.stringContaining('git rm --cached')]})
  })

  test('is there or not there for who reads it while it goes', async ({folder}) => {
    const [store, again] = [dotenvStore({folder}), dotenvStore({folder})]
    const told: (string | undefined)[] = []
    const reader = async () => {
      for (let round = 0; round < 300; round++) told.push(await again.readNote('revocation-default'))
    }
    const writer = async () => {
      for (let round = 0; round < 300; round++) await store.writeNote('revocation-default', round % 2 ? 'text' : undefined)
    }
    await Promise.all([writer(), reader(), reader()])
    expect(new Set(told)).toEqual(new Set(['text', undefined]))
  })

  test("takes away an old draft of a run that died, and no young one, which is somebody's", async ({folder}) => {
    const [old, young] = [`${fileIn(folder)}.old.tmp`, `${fileIn(folder)}.young.tmp`]
    for (const draft of [old, young]) await writeFile(draft, 'half')
    await utimes(old, new Date(0), new Date(0))
    await dotenvStore({folder}).write('stage-condor', secrets)
    expect((await readdir(folder)).sort()).toEqual(['.env.stage-condor', '.env.stage-condor.young.tmp'])
  })

  test('is whole whenever its writers are killed', {timeout: 60_000}, async ({folder}) => {
    await writeFile(fileIn(folder), 'LOTS=2\n')
    const writer = join(projectRoot, 'test/helpers/write-secrets.ts')
    for (let round = 0; round < 8; round++) {
      const writers = [1, 2].map(() => fork(writer, [folder, 'stage-condor'], {stdio: 'ignore'}))
      await Promise.all(writers.map((child) => new Promise((resolve) => child.once('message', resolve))))
      for (const child of writers) child.kill('SIGKILL')
      await Promise.all(writers.map((child) => new Promise((resolve) => child.once('exit', resolve))))
      const text = await readFile(fileIn(folder), 'utf8')
      expect(Object.keys(parseEnv(text))).toEqual(['LOTS', 'TURSO_AUTH_TOKEN', 'TURSO_DB_URL'])
      expect(text).toMatch(/^LOTS=2\nTURSO_DB_URL=\S+\nTURSO_AUTH_TOKEN=\S+\n$/)
      const {url, token} = await dotenvStore({folder}).read('stage-condor')
      expect(url).toBe(`http://127.0.0.1:8080/dev/${token?.databaseId}`)
    }
  })
})
