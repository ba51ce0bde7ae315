import {execFileSync, spawnSync} from 'node:child_process'
import {copyFile, glob, mkdir, readFile, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {Config} from '@oclif/core/config'
import {settings} from '@oclif/core/settings'
import {describe, expect, test} from 'vitest'
import {commands} from '../../src/commands.ts'
import {exitCodes} from '../../src/errors.ts'
import {projectRoot, usingFolder} from '../helpers/strat.ts'

const read = (path: string) => readFile(join(projectRoot, path), 'utf8')

describe('what is written twice agrees', () => {
  test('oclif.manifest.json is current (npm run manifest)', async () => {
    settings.enableAutoTranspile = false
    const config = await Config.load({root: projectRoot, ignoreManifest: true})
    const [plugin] = config.getPluginsList() as unknown as {manifest: {commands: object}}[]
    const fresh = JSON.parse(JSON.stringify(plugin?.manifest))
    expect(JSON.parse(await read('oclif.manifest.json')).commands).toEqual(fresh.commands)
  })

  test('every file of commands/ is a command', async () => {
    const files = await Array.fromAsync(glob('**/*.ts', {cwd: join(projectRoot, 'commands')}))
    const ids = files.map((file) =>
      file
        .replace(/\.ts$/, '')
        .replace(/\/index$/, '')
        .replaceAll('/', ':'),
    )
    expect(Object.keys(commands).sort()).toEqual(ids.sort())
  })

  test('docs/errors.md lists every error code with its exit code and a way out', async () => {
    const rows = [...(await read('docs/errors.md')).matchAll(/^\| `([A-Z_]+)` \| (\d+) \| (.+) \|$/gm)]
    expect(Object.fromEntries(rows.map(([, code, exit]) => [code, Number(exit)]))).toEqual(exitCodes)
    for (const [, code, , wayOut] of rows) expect(wayOut?.length, code).toBeGreaterThan(20)
  })

  test('every error code is used', async () => {
    const sources = (
      await Promise.all((await Array.fromAsync(glob('{src,commands}/**/*.ts', {cwd: projectRoot}))).filter((file) => file !== 'src/errors.ts').map(read))
    ).join('\n')
    expect(Object.keys(exitCodes).filter((code) => !sources.includes(`'${code}'`))).toEqual([])
  })

  test('docs/architecture.md names only files that exist', async () => {
    const named = [...(await read('docs/architecture.md')).matchAll(/`((?:src|commands|migrations|templates|test|bench)\/[\w./-]*)`/g)].map(
      ([, path]) => path ?? '',
    )
    expect(named.length).toBeGreaterThan(20)
    for (const path of named) await expect(Array.fromAsync(glob(path.replace(/\/$/, ''), {cwd: projectRoot})), path).resolves.toHaveLength(1)
  })
})

describe('the import rules', () => {
  /** In a folder of its own: files that are there for a moment are found by tests that run beside this one. */
  const lint = (file: string, source: string): Promise<string> =>
    usingFolder(async (folder) => {
      for (const name of ['biome.json', '.gitignore']) await copyFile(join(projectRoot, name), join(folder, name))
      await mkdir(dirname(join(folder, file)), {recursive: true})
      await writeFile(join(folder, file), source)
      const biome = execFileSync(process.execPath, ['-p', "require.resolve('@biomejs/biome/bin/biome')"], {cwd: projectRoot}).toString().trim()
      const {stdout, stderr} = spawnSync(process.execPath, [biome, 'lint', file], {cwd: folder, encoding: 'utf8'})
      return stdout + stderr
    })

  test.each([
    ['commands/probe.ts', '../src/platform/local.ts', 'An adapter is picked in src/context.ts only'],
    ['commands/probe.ts', '../src/database/connect.ts', 'it opens nothing itself'],
    ['commands/probe.ts', 'kysely', 'it opens nothing itself'],
    ['src/strategies/probe.ts', '../platform/local.ts', 'An adapter is picked in src/context.ts only'],
    ['src/strategies/probe.ts', '../migrator/apply.ts', 'Use cases do not know each other'],
    ['src/migrator/probe.ts', '@oclif/core/command', 'knows nothing of the command line'],
    ['src/migrator/probe.ts', '../context.ts', 'knows nothing of the command line'],
    ['src/fleet/probe.ts', '../strategies/create.ts', 'knows none'],
    ['src/platform/probe.ts', '../database/connect.ts', 'knows its own port and library only'],
    ['src/database/probe.ts', '../platform/local.ts', 'knows connections only'],
    ['migrations/strategy/probe.ts', '../../src/errors.ts', 'frozen in time'],
  ])('%s may not import %s', async (file, specifier, message) => {
    const report = await lint(file, `import * as probe from '${specifier}'\n\nexport const use = probe\n`)
    expect(report).toContain('noRestrictedImports')
    expect(report).toContain(message)
  })

  test('a use case does not read the environment', async () => {
    expect(await lint('src/strategies/probe.ts', "export const home = process.env['HOME']\n")).toContain('noProcessEnv')
  })

  test('what they allow is allowed', async () => {
    expect(await lint('src/strategies/probe.ts', "import {usingDatabase} from '../database/connect.ts'\n\nexport const use = usingDatabase\n")).not.toContain(
      'noRestrictedImports',
    )
  })
})
