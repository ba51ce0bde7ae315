import {execFileSync} from 'node:child_process'
import {cp, mkdir, readFile, symlink} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {bin, projectRoot, runStrat} from '../helpers/strat.ts'
import {test} from '../helpers/test.ts'

type Packed = {filename: string; size: number; files: {path: string}[]}

/** Packs the package as `npm publish` would, without building it again. */
function pack(folder: string): Packed {
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const parsed: Packed[] | Record<string, Packed> = JSON.parse(output.toString())
  const [packed] = Object.values(parsed)
  if (!packed) throw new Error('npm packed nothing.')
  return packed
}

describe('the package', () => {
  test('holds what a user needs, and is small', async ({folder}) => {
    const {size, files} = pack(folder)
    expect(size).toBeLessThan(300_000)
    const paths = files.map(({path}) => path)
    expect(paths).toEqual(
      expect.arrayContaining([
        'README.md',
        'LICENSE',
        'oclif.manifest.json',
        'dist/src/bin.js',
        'dist/src/main.js',
        'dist/src/define-config.d.ts',
        'dist/THIRD-PARTY-LICENSES.txt',
        'templates/migration.ts',
        'migrations/strategy/0001_initial.ts',
      ]),
    )
    expect(paths.filter((path) => /^(src|commands|test|bench|docs)\//.test(path))).toEqual([])
  })

  test('works where it is installed', async ({folder}) => {
    const {filename} = pack(folder)
    execFileSync('tar', ['-xzf', join(folder, filename), '-C', folder])
    const installed = join(folder, 'project/node_modules/strat-cli')
    await mkdir(join(folder, 'project/node_modules'), {recursive: true})
    await cp(join(folder, 'package'), installed, {recursive: true})
    // Its dependencies, as npm would put them beside it; kysely is none of them.
    for (const name of ['libsql', '@libsql', '@neon-rs', 'detect-libc', 'inquirer', '@inquirer', 'hono', '@hono'])
      await symlink(join(projectRoot, 'node_modules', name), join(folder, 'project/node_modules', name)).catch(() => undefined)
    const run = (...args: string[]) =>
      execFileSync(process.execPath, [join(installed, 'dist/src/bin.js'), ...args, '--json'], {cwd: join(folder, 'project')}).toString()
    expect(JSON.parse(run('init', '--eject')).files).toHaveLength(8)
    expect(JSON.parse(run('create', 'stage-condor'))).toMatchObject({status: 'created', migrations: ['0001_initial']})
    JSON.parse(run('migrate', 'new', 'add_notes'))
    expect(JSON.parse(run('migrate', '--all')).databases).toMatchObject([{status: 'applied', migrations: ['0002_add_notes']}])
  })

  test('says its version as package.json does, also without loading anything', async () => {
    const {version} = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'))
    for (const flag of ['--version', '-v']) expect((await runStrat([flag])).stdout).toMatch(new RegExp(`^strat-cli/${version} \\w+-\\w+ node-v\\d+`))
    expect(bin).toContain('dist')
  })
})
