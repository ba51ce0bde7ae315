import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {setTimeout} from 'node:timers/promises'
import {type TestServer, usingServer} from './server.ts'
import type {Fault} from './turso-server.ts'

/** A server like that of `strat dev`, with what goes wrong on the way to it. */
export type FaultyDev = {
  url: string
  /** The server itself, without faults. */
  server: TestServer
  /** Every request that came, in order: `GET /v1/organizations`. */
  requests: string[]
  faults: Fault[]
  /** Hears of each request before it is carried out. */
  watch: (line: string) => void
  /** Whether the tokens of a database are those of its group, as they may be on Turso. */
  isGroupWide: boolean
}

/** Lends a server of this process, behind a proxy that disturbs requests, and that rotates keys as wide as Turso may. */
export function usingFaultyDev(use: (dev: FaultyDev) => Promise<void>): Promise<void> {
  return usingServer(async (server) => {
    const dev: FaultyDev = {url: '', server, requests: [], faults: [], watch: () => undefined, isGroupWide: true}
    const proxy = createServer((request, response) => void pass(dev, request, response))
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    dev.url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    try {
      await use(dev)
    } finally {
      proxy.closeAllConnections()
      proxy.close()
    }
  })
}

async function pass(dev: FaultyDev, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await request.setEncoding('utf8').toArray()).join('')
  const line = `${request.method} ${request.url}`
  dev.requests.push(line)
  dev.watch(line)
  const fault = dev.faults.find(({match, times = 1}) => times > 0 && match.test(line))
  if (fault) fault.times = (fault.times ?? 1) - 1
  if (fault && 'respond' in fault && fault.respond) {
    const {status, headers, body: answer = ''} = fault.respond
    response.writeHead(status, {'content-type': 'application/json', ...headers}).end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    return
  }
  if (fault?.delayMs) await setTimeout(fault.delayMs)
  const isLost = fault && 'fail' in fault
  if (isLost && fault.fail === 'hang') return
  if (isLost && fault.fail === 'reset') return void request.socket.resetAndDestroy()
  const {authorization = ''} = request.headers
  const target = dev.isGroupWide ? line.replace(/databases\/[^/]+\/auth\/rotate/, 'groups/default/auth/rotate') : line
  const [method = '', path = ''] = target.split(' ')
  const answer = await fetch(dev.server.url + path, {method, headers: {authorization, 'content-type': 'application/json'}, ...(body && {body})})
  const text = (await answer.text()).replaceAll(new URL(dev.server.url).host, new URL(dev.url).host)
  if (isLost) {
    await fault.afterwards?.()
    return void request.socket.resetAndDestroy()
  }
  response.writeHead(answer.status, {'content-type': answer.headers.get('content-type') ?? 'text/plain'}).end(text)
}
