import {createServer as createHttpServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {getRequestListener} from '@hono/node-server'
import {prepareDirectory} from '../../src/platform/local-files.ts'
import {readApiToken} from '../../src/server/api-token.ts'
import {createServer} from '../../src/server/server.ts'

/** What goes wrong with the n-th request, from 1: no answer before or after it was carried out, or an answer of its own. */
export type DevFault = {index: number} & ({fail: 'reset' | 'lose'} | {status: number; body?: string; headers?: Record<string, string>})

export type WatchedDev = {
  url: string
  apiToken: string
  /** What makes `strat` use it as Turso. */
  env: Record<string, string>
  /** Every request since the list was emptied: `POST /v1/organizations/local/…`. */
  requests: string[]
  /** Hears of the number of each request before it is carried out. */
  watch: (index: number, line: string) => void
  fault: DevFault | undefined
}

/** Lends what `strat dev` serves over `folder/.strat`, in this process, with a look at each request and a hand on it. */
export async function usingWatchedDev(folder: string, use: (dev: WatchedDev) => Promise<void>): Promise<void> {
  const directory = join(folder, '.strat')
  await prepareDirectory(directory)
  const apiToken = await readApiToken(directory)
  let address = ''
  const options = {directory, group: 'default', apiToken, host: () => address, latencyMs: 0, isCloud: true, isStrict: true, version: 'test'}
  const {app, close} = await createServer(options)
  const dev: WatchedDev = {url: '', apiToken, env: {}, requests: [], watch: () => undefined, fault: undefined}
  const listener = getRequestListener(app.fetch)
  const server = createHttpServer((request, response) => void serve(dev, listener, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  dev.url = `http://${address}`
  dev.env = {STRAT_PLATFORM: 'turso', TURSO_API_BASEURL: dev.url, TURSO_API_TOKEN: apiToken, TURSO_ORGANIZATION: 'local'}
  try {
    await use(dev)
  } finally {
    server.closeAllConnections()
    server.close()
    await close()
  }
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void

async function serve(dev: WatchedDev, listener: Listener, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const line = `${request.method} ${request.url}`
  const index = dev.requests.push(line)
  dev.watch(index, line)
  const {fault} = dev
  if (fault?.index !== index) return listener(request, response)
  if ('status' in fault) {
    response.writeHead(fault.status, {connection: 'close', ...fault.headers}).end(fault.body ?? '')
    return
  }
  if (fault.fail === 'reset') return void request.socket.resetAndDestroy()
  // Carried out, and the answer kept back.
  response.write = () => true
  response.end = () => {
    request.socket.resetAndDestroy()
    return response
  }
  response.writeHead = () => response
  listener(request, response)
}
