import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {bin, cleanEnvironment} from './strat.ts'

export type DevServer = {
  url: string
  process: ChildProcess
  /** What it wrote so far. */
  output(): string
  /** The variables that it printed. */
  variables(): Record<string, string>
  /** Ends it as Ctrl-C does; its exit code. */
  stop(): Promise<number | null>
}

/** Starts `strat dev` in a folder, on a free port, as a process of its own; resolves when it has said where it is. */
export async function startDev(cwd: string, ...args: string[]): Promise<DevServer> {
  const child = spawn(process.execPath, [bin, 'dev', '--port', '0', ...args], {cwd, env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe']})
  const exited = once(child, 'exit')
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    const read = (text: string) => {
      output += text
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output)
      // The variables come after the address.
      if (found && (args.includes('--json') || output.includes('TURSO_API_TOKEN'))) resolve(found[0])
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
    child.once('exit', () => reject(new Error(output)))
  })
  return {
    url,
    process: child,
    output: () => output,
    variables: () => Object.fromEntries([...output.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value])),
    async stop() {
      child.kill('SIGINT')
      const [code] = await exited
      return code
    },
  }
}

/** Lends a running `strat dev`, and stops it afterwards. */
export async function usingDev(cwd: string, args: string[], use: (dev: DevServer) => Promise<void>): Promise<void> {
  const dev = await startDev(cwd, ...args)
  try {
    await use(dev)
  } finally {
    if (dev.process.exitCode === null) await dev.stop()
  }
}
