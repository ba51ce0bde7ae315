import {type ChildProcess, fork, spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync} from 'node:fs'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {bin, cleanEnvironment} from '../test/helpers/strat.ts'
import {platformToken} from '../test/helpers/turso-server.ts'
import type {FleetServerOptions, FleetServerReady, SentPipeline} from './fleet-server.ts'

export type FleetServer = FleetServerReady & {pipelines(): Promise<SentPipeline[]>}

/** Lends a folder in memory, where there is such a thing: what is measured is no disk. */
export async function usingFastFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'strat-bench-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}

/** Lends a fleet as it is at first, served by a process of its own. */
export function usingFleetServer<T>(options: Omit<FleetServerOptions, 'folder'>, use: (server: FleetServer) => Promise<T>): Promise<T> {
  return usingFastFolder(async (folder) => {
    const child = fork(script('fleet-server.ts'), [JSON.stringify({folder, ...options})])
    try {
      const ready = await received<FleetServerReady>(child)
      const pipelines = () => {
        child.send('pipelines')
        return received<SentPipeline[]>(child)
      }
      return await use({...ready, pipelines})
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  })
}

async function received<T>(child: ChildProcess): Promise<T> {
  const [message] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => Promise.reject(new Error('The server ended')))])
  return message as T
}

/** What a process took: its time from start to end, and its memory at the most (resident). */
export type Taken = {ms: number; megabytes: number; stdout: string}

/** Runs the built strat. */
export const runBuilt = (args: string[], options: {cwd: string; env?: Record<string, string>}): Promise<Taken> => measure([bin, ...args], options)

/** Runs the built strat against a fleet's server. */
export const runOnFleet = (args: string[], {url}: FleetServer, {cwd, env = {}}: {cwd: string; env?: Record<string, string>}): Promise<Taken> =>
  runBuilt(args, {cwd, env: {STRAT_PLATFORM: 'turso', TURSO_API_BASEURL: url, TURSO_API_TOKEN: platformToken, TURSO_ORGANIZATION: 'desk', ...env}})

/** Runs what does the same in another way: `fleet-rival.ts`. */
export const runRival = (args: string[]): Promise<Taken> => measure([script('fleet-rival.ts'), ...args], {})

/** Only the parent hears how much memory a process took, and Node does not tell; it is in kilobytes, and on a Mac in bytes. */
const parent = `
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024), file=sys.stderr)
sys.exit(code)`

async function measure(args: string[], {cwd, env = {}}: {cwd?: string; env?: Record<string, string>}): Promise<Taken> {
  const start = performance.now()
  const child = spawn('python3', ['-c', parent, process.execPath, ...args], {cwd, env: {...cleanEnvironment(), ...env}})
  const output = {stdout: '', stderr: ''}
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.stderr += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${output.stderr}${output.stdout.slice(0, 2000)}`)
  const [bytes] = /\d+$/.exec(output.stderr.trim()) ?? []
  return {ms: performance.now() - start, megabytes: Number(bytes) / 1e6, stdout: output.stdout}
}

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url))
