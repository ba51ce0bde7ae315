import {EventEmitter, once} from 'node:events'
import type {Server as HttpServer, ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {createAdaptorServer} from '@hono/node-server'
import {hasCode, StratError} from '../errors.ts'
import {prepareDirectory} from '../platform/local-files.ts'
import {translatingStorageErrors} from '../storage-error.ts'
import {readApiToken} from './api-token.ts'
import {lockDirectory} from './directory-lock.ts'
import {createServer, organization, type ServerOptions} from './server.ts'

export type ListenOptions = Omit<ServerOptions, 'apiToken' | 'host'> & {
  /** 0 for one that is free. */
  port: number
}

export type RunningServer = {
  /** `http://127.0.0.1:8080` */
  url: string
  organization: string
  apiToken: string
  /** Takes no more requests, answers those it has, then closes everything. */
  stop(): Promise<void>
}

const hostname = '127.0.0.1'
/** How long a stopping server waits for the requests that it has. */
const drainMs = 10_000

/**
 * Serves a directory, which is made if it is missing, to this machine and nobody else.
 *
 * @throws StratError PORT_IN_USE, SERVER_RUNNING, STORAGE_NEWER and the other storage errors
 */
export function listen({port, ...options}: ListenOptions): Promise<RunningServer> {
  return translatingStorageErrors(options.directory, async () => {
    await prepareDirectory(options.directory)
    let host = `${hostname}:${port}`
    const lock = await lockDirectory(options.directory, () => `http://${host}`)
    try {
      const apiToken = await readApiToken(options.directory)
      const {app, close} = await createServer({...options, apiToken, host: () => host})
      const server = createAdaptorServer({fetch: app.fetch, autoCleanupIncoming: false}) as HttpServer
      const drain = drainOf(server)
      await bind(server, port).catch(async (error) => {
        await close()
        throw error
      })
      host = `${hostname}:${(server.address() as AddressInfo).port}`
      await lock.announce()
      return {
        url: `http://${host}`,
        organization,
        apiToken,
        async stop() {
          await drain()
          await close()
          lock.release()
        },
      }
    } catch (error) {
      lock.release()
      throw error
    }
  })
}

function bind(server: HttpServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(toBindError(error, port)))
    server.listen(port, hostname, resolve)
  })
}

function toBindError(error: Error, port: number): Error {
  if (hasCode(error, 'EADDRINUSE')) {
    return new StratError('PORT_IN_USE', `Port ${port} is in use by another program.`, {
      suggestions: [`strat dev --port ${port + 1}`, 'strat dev --port 0 takes one that is free.'],
    })
  }
  if (!hasCode(error, 'EACCES')) return error
  return new StratError('PORT_IN_USE', `Port ${port} is not for ordinary users.`, {suggestions: ['strat dev --port 8080']})
}

/** Counts a server's requests from now on; what comes back lets those under way be answered, and then cuts every connection. */
function drainOf(server: HttpServer): () => Promise<void> {
  const open = new Set<ServerResponse>()
  const ended = new EventEmitter()
  let isStopping = false
  server.on('request', (_, response) => {
    open.add(response)
    response.shouldKeepAlive &&= !isStopping
    response.once('close', () => {
      open.delete(response)
      ended.emit('request')
    })
  })
  return async () => {
    isStopping = true
    // Who goes on asking on the same connection would keep the server from ever stopping.
    for (const response of open) response.shouldKeepAlive = false
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    const late = AbortSignal.timeout(drainMs)
    while (open.size > 0 && !late.aborted) await once(ended, 'request', {signal: late}).catch(() => undefined)
    // Also those that have sent no request yet, which `close` would wait for.
    server.closeAllConnections()
    await closed
  }
}
