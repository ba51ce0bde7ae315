import {type ChildProcess, fork, spawn} from 'node:child_process'
import {createPublicKey} from 'node:crypto'
import {once} from 'node:events'
import {connect} from 'node:net'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {localPlatform} from '../src/platform/local.ts'
import {usingRegistry} from '../src/platform/local-registry.ts'
import {execute} from '../test/helpers/database.ts'
import {bin, usingFolder} from '../test/helpers/strat.ts'
import type {Figure} from './run.ts'

const databases = 100
const body = JSON.stringify({requests: [{type: 'execute', stmt: {sql: 'SELECT id, x FROM t WHERE id = 1'}}, {type: 'close'}]})

type Target = {name: string; token: string}

/** What `strat dev` answers a second next to a bare server that does the same statement, and how long answers take with many clients. */
export async function devServer(): Promise<Figure[]> {
  const figures: Figure[] = []
  await usingFolder(async (folder) => {
    const directory = join(folder, '.strat')
    const targets = await makeDatabases(directory)
    const key = await usingRegistry(join(directory, 'platform.sqlite'), async (registry) => (await registry.access('s0'))?.signingKey ?? '')
    const publicKey = createPublicKey(key).export({type: 'spki', format: 'pem'}).toString()
    const [dev, bare] = [await startDev(folder), await startBare(join(directory, 's0.db'), publicKey)]
    try {
      const rates = {dev: [] as number[], bare: [] as number[]}
      for (let round = 0; round < 5; round += 1) {
        rates.dev.push((await load(dev.port, targets.slice(0, 1), 32)).rate)
        rates.bare.push((await load(bare.port, targets.slice(0, 1), 32)).rate)
      }
      const ratio = median(rates.dev) / median(rates.bare)
      const {latencies} = await load(dev.port, targets, 64)
      const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)]
      figures.push(
        {
          figure: 'strat dev: pipelines a second / bare hono + libsql',
          goal: '≥ 0.7',
          measured: `${ratio.toFixed(2)} (${median(rates.dev).toFixed(0)} / ${median(rates.bare).toFixed(0)})`,
          isMet: ratio >= 0.7,
        },
        {
          figure: 'strat dev: p99 / p50, 64 connections, 100 databases',
          goal: 'report',
          measured: `${(p99 / p50).toFixed(1)} (${p99.toFixed(1)} ms / ${p50.toFixed(1)} ms)`,
          isMet: true,
        },
      )
    } finally {
      dev.process.kill('SIGINT')
      bare.process.kill()
    }
  })
  return figures
}

async function makeDatabases(directory: string): Promise<Target[]> {
  const platform = localPlatform({directory, group: 'default'})
  const targets: Target[] = []
  for (let index = 0; index < databases; index += 1) {
    const name = `s${index}`
    await platform.createDatabase(name)
    await execute(join(directory, `${name}.db`), 'CREATE TABLE t (id INTEGER PRIMARY KEY, x)', "INSERT INTO t VALUES (1, 'one'), (2, 'two')")
    targets.push({name, token: (await platform.createDatabaseToken(name, {lifetimeSeconds: 3600})).jwt})
  }
  return targets
}

type Started = {process: ChildProcess; port: number}

async function startDev(cwd: string): Promise<Started> {
  const process_ = spawn(process.execPath, [bin, 'dev', '--port', '0', '--json'], {cwd, stdio: ['ignore', 'pipe', 'inherit']})
  const [line] = await once(process_.stdout, 'data')
  return {process: process_, port: Number(new URL(JSON.parse(String(line)).url).port)}
}

async function startBare(file: string, publicKey: string): Promise<Started> {
  const process_ = fork(fileURLToPath(new URL('bare-server.ts', import.meta.url)), [file, Buffer.from(publicKey).toString('base64url')])
  const [address] = await once(process_, 'message')
  return {process: process_, port: address.port}
}

/** Keeps `connections` busy for two seconds after one second of warming up; each waits for its answer before it asks again. */
async function load(port: number, targets: Target[], connections: number): Promise<{rate: number; latencies: number[]}> {
  const latencies: number[] = []
  let isRunning = true
  const sockets = Array.from({length: connections}, (_, index) => {
    const socket = connect(port, '127.0.0.1').setNoDelay()
    let received = ''
    let sentAt = 0
    let next = index
    const ask = () => {
      const target = targets[next++ % targets.length]
      sentAt = performance.now()
      socket.write(requestOf(target))
    }
    socket.on('connect', ask)
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (!isComplete(received)) return
      if (!received.includes('"one"')) throw new Error(received)
      received = ''
      latencies.push(performance.now() - sentAt)
      if (isRunning) ask()
    })
    return socket
  })
  await sleep(1000)
  latencies.length = 0
  const begin = performance.now()
  await sleep(2000)
  const rate = latencies.length / ((performance.now() - begin) / 1000)
  isRunning = false
  await sleep(200)
  for (const socket of sockets) socket.destroy()
  return {rate, latencies}
}

const requestOf = (target: Target | undefined) =>
  `POST /dev/${target?.name}/v2/pipeline HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${target?.token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`

function isComplete(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  const length = /content-length: (\d+)/i.exec(text)?.[1]
  return end !== -1 && length !== undefined && text.length >= end + 4 + Number(length)
}

const median = (values: number[]) => percentile(values, 0.5)

const percentile = (values: number[], part: number) => values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? 0
