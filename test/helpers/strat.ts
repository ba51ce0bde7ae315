import {type ChildProcess, spawn} from 'node:child_process'
import {mkdtemp, realpath, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
export const bin = join(projectRoot, 'dist', 'src', 'bin.js')

export type Result = {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** stdout as JSON; its shape is the test's business. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of it
  json: any
}

export type RunOptions = {
  cwd?: string
  env?: Record<string, string>
  input?: string
  nodeArgs?: string[]
  uid?: number
  onSpawn?: (child: ChildProcess) => void
}

/** Runs the built `strat` as a process of its own, without this machine's settings. */
export function runStrat(args: string[], {cwd, env = {}, input, nodeArgs = [], uid, onSpawn}: RunOptions = {}): Promise<Result> {
  const child = spawn(process.execPath, [...nodeArgs, bin, ...args], {cwd, env: {...cleanEnvironment(), ...env}, ...(uid !== undefined && {uid, gid: uid})})
  onSpawn?.(child)
  child.stdin?.on('error', () => undefined).end(input)
  return new Promise((resolve, reject) => {
    const output = {stdout: '', stderr: ''}
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output.stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      output.stderr += text
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      resolve({
        code,
        signal,
        ...output,
        get json() {
          return JSON.parse(output.stdout)
        },
      })
    })
  })
}

export function cleanEnvironment(): Record<string, string | undefined> {
  // Not the login of whoever runs the tests.
  const noLogin = {XDG_CONFIG_HOME: join(tmpdir(), 'strat-test-no-config')}
  const ours = /^(STRAT|TURSO|GITHUB|GH)_|^(CI|NODE_OPTIONS|NODE_COMPILE_CACHE|FORCE_COLOR|NO_COLOR|DEBUG)$/
  return {...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name))), ...noLogin}
}

/** Lends an empty folder and removes it afterwards. */
export async function usingFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'strat-test-')))
  try {
    return await use(folder)
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}
