import {spawn} from 'node:child_process'
import {stripVTControlCharacters} from 'node:util'
import {describe, expect} from 'vitest'
import {snapshot, writeFiles} from '../helpers/files.ts'
import {bin} from '../helpers/strat.ts'
import {runInTerminal} from '../helpers/terminal.ts'
import {test} from '../helpers/test.ts'

describe('on a terminal', () => {
  test('strat create asks for the name', async ({folder, strat}) => {
    const {code, screen} = await runInTerminal(['create'], {cwd: folder, input: 'stage-condor\\r'})
    expect({code, screen}).toMatchObject({code: 0, screen: expect.stringContaining('Created stage-condor')})
    expect((await strat('list --json')).json.strategies).toHaveLength(1)
  })

  test('strat destroy asks to type the name, and takes no other', async ({folder, strat}) => {
    await strat('create stage-condor')
    const wrong = await runInTerminal(['destroy', 'stage-condor'], {cwd: folder, input: 'yes\\r'})
    expect(wrong).toMatchObject({code: 2, screen: expect.stringContaining('"yes" is not stage-condor; nothing was changed.')})
    expect((await strat('list --json')).json.strategies).toHaveLength(1)
    const right = await runInTerminal(['destroy', 'stage-condor'], {cwd: folder, input: 'stage-condor\\r'})
    expect(right).toMatchObject({code: 0, screen: expect.stringContaining('Destroyed stage-condor.')})
    expect((await strat('list --json')).json.strategies).toHaveLength(0)
  })

  test('Ctrl-C at a question exits with 130 and changes nothing', async ({folder, strat}) => {
    await strat('create stage-condor')
    expect(await runInTerminal(['destroy', 'stage-condor'], {cwd: folder, input: '\\x03'})).toMatchObject({
      code: 130,
      screen: expect.stringContaining('Interrupted; nothing was changed.'),
    })
    expect((await strat('list --json')).json.strategies).toHaveLength(1)
  })

  test('tables are aligned', async ({folder, strat}) => {
    await strat('create stage-condor')
    const {screen} = await runInTerminal(['list'], {cwd: folder})
    expect(stripVTControlCharacters(screen)).toMatch(/NAME {10}KIND {6}STAGE {2}TEMPLATE {2}CREATED\r\nstage-condor {2}strategy {2}stage {2}condor {4}\d{4}-/)
  })
})

describe('output', () => {
  test('strat alone prints help and exits with 0', async ({strat}) => {
    expect(await strat('')).toMatchObject({code: 0, stderr: '', stdout: expect.stringContaining('USAGE')})
  })

  test.for([
    'adopt',
    'config',
    'create',
    'destroy',
    'env',
    'init',
    'list',
    'migrate',
    'migrate merge',
    'migrate new',
    'migrate plan',
    'migrate status',
    'migrate undo',
    'show',
    'usage',
  ])('strat %s --help begins with examples', async (command, {strat}) => {
    const {code, stdout} = await strat(`${command} --help`)
    expect(code).toBe(0)
    expect(stdout.indexOf('EXAMPLES')).toBeGreaterThan(0)
    expect(stdout.indexOf('EXAMPLES')).toBeLessThan(stdout.indexOf('USAGE'))
    expect((await strat(`help ${command}`)).stdout).toBe(stdout)
  })

  test.for([
    ['lst', ['strat list']],
    ['frobnicate', ['strat --help']],
  ] as const)('strat %s is unknown', async ([typed, suggestions], {strat}) => {
    const {code, json} = await strat(`${typed} --json`)
    expect({code, error: json.error}).toMatchObject({code: 127, error: {code: 'COMMAND_UNKNOWN', suggestions}})
    expect(await strat(typed)).toMatchObject({code: 127, stdout: '', stderr: expect.stringContaining(`There is no command ${typed}.`)})
  })

  test('a reader that has seen enough is no failure', async ({folder, strat}) => {
    for (const name of ['stage-a', 'stage-b']) await strat(`create ${name}`)
    for (const args of [['list'], ['config'], ['--help'], ['list', '--json'], ['show', 'stage-gone', '--json']]) {
      const child = spawn(process.execPath, [bin, ...args], {cwd: folder, stdio: ['ignore', 'pipe', 'pipe']})
      child.stdout.destroy()
      let stderr = ''
      child.stderr.on('data', (text) => {
        stderr += text
      })
      const code = await new Promise((resolve) => child.on('close', resolve))
      expect({args, code, stderr: stderr.includes('EPIPE')}).toEqual({args, code: args.includes('stage-gone') ? 1 : 0, stderr: false})
    }
  })

  test('of completions names every command', async ({folder, strat}) => {
    const {readFile, readdir} = await import('node:fs/promises')
    const env = {HOME: folder, XDG_CACHE_HOME: folder, SHELL: '/bin/bash'}
    expect(await strat('autocomplete bash', {env})).toMatchObject({code: 0, stdout: expect.stringContaining('strat autocomplete script bash')})
    const files = await readdir(folder, {recursive: true})
    const script = files.find((file) => file.endsWith('strat.bash'))
    expect(await readFile(`${folder}/${script}`, 'utf8')).toMatch(/migrate:status --json.*--all/)
    expect((await strat('autocomplete script bash', {env})).stdout).toContain('STRAT_AC_BASH')
  })

  test('an error that nobody thought of is called a bug, and shows no stack', async ({folder, strat}) => {
    await writeFiles(folder, {'strat.config.mjs': "export default {get platform() { throw new TypeError('boom') }}\n"})
    const {code, json} = await strat('list --json')
    expect({code, error: json.error}).toMatchObject({code: 1, error: {code: 'UNEXPECTED', message: 'boom (this is a bug of strat)'}})
    expect((await strat('list')).stderr).not.toContain('    at ')
    expect(Object.keys(await snapshot(folder))).toEqual(['strat.config.mjs'])
  })
})
