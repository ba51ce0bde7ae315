import {join} from 'node:path'
import {serve} from '@hono/node-server'
import {type PlatformApiOptions, platformApi} from '../../src/server/api/platform-api.ts'
import type {Result} from './strat.ts'

export const apiToken = 'the-token-of-the-test'

/** An answer of the Platform API. */
export type Answer = {
  status: number
  text: string
  headers: Headers
  /** The text as JSON; its shape is the test's business. */
  json: Result['json']
}

/** Calls an operation; a path without a leading slash is of the organization. A body that is text is sent as it stands. */
export type Call = (operation: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

/** The Platform API over `folder/.strat`, without a socket. */
export function openApi(folder: string, options: Partial<PlatformApiOptions> = {}) {
  const app = platformApi({...defaults(folder), ...options})
  return {directory: join(folder, '.strat'), app, call: callWith((path, init) => app.request(path, init))}
}

/** Lends the Platform API on a socket of its own. */
export async function usingApiServer(folder: string, use: (api: {url: string; call: Call}) => Promise<void>): Promise<void> {
  let address = ''
  const app = platformApi({...defaults(folder), host: () => address})
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const listening = serve({fetch: app.fetch, hostname: '127.0.0.1', port: 0}, ({port}) => {
      address = `127.0.0.1:${port}`
      resolve(listening)
    })
  })
  const url = `http://${address}`
  try {
    await use({url, call: callWith((path, init) => fetch(url + path, init))})
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

const defaults = (folder: string): PlatformApiOptions => ({
  directory: join(folder, '.strat'),
  group: 'default',
  organization: 'local',
  apiToken,
  isCloud: false,
  isStrict: false,
  release: async () => {},
  host: () => '127.0.0.1:8080',
})

function callWith(request: (path: string, init: RequestInit) => Response | Promise<Response>): Call {
  return async (operation, body, headers = {}) => {
    const [method = '', path = ''] = operation.split(' ')
    const response = await request(path.startsWith('/') ? path : `/v1/organizations/local/${path}`, {
      method,
      headers: {authorization: `Bearer ${apiToken}`, ...headers},
      ...(body !== undefined && {body: typeof body === 'string' ? body : JSON.stringify(body)}),
    })
    const text = await response.text()
    return {
      status: response.status,
      text,
      headers: response.headers,
      get json() {
        return JSON.parse(text)
      },
    }
  }
}
