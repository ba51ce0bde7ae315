import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'

/** What becomes of requests like `POST /v1/…`: an answer that holds all of the request, or none, `lose` when it was carried out. */
export type Hostility = {match: RegExp; times: number; answer: {status: number; headers?: Record<string, string>} | 'reset' | 'lose'}

export type HostileProxy = {
  url: string
  hostility: Hostility | undefined
  /** How many requests were answered so. */
  hits: number
  /** What came by that opens something: what requests signed in with, and the tokens in answers. */
  secrets: Set<string>
}

/** Lends a proxy in front of a server on this machine: what the server calls itself in answers becomes the proxy's name. */
export async function usingHostileProxy<T>(target: string, use: (proxy: HostileProxy) => Promise<T>): Promise<T> {
  const proxy: HostileProxy = {url: '', hostility: undefined, hits: 0, secrets: new Set()}
  const server = createServer((request, response) => void serve(proxy, target, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    return await use(proxy)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

async function serve(proxy: HostileProxy, target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await request.setEncoding('utf8').toArray()).join('')
  const [, signedIn] = /^\w+ (\S{20,})$/.exec(request.headers.authorization ?? '') ?? []
  if (signedIn !== undefined) proxy.secrets.add(signedIn)
  const answer = takeAnswer(proxy, `${request.method} ${request.url}`)
  if (answer === 'reset') return void request.socket.resetAndDestroy()
  if (typeof answer === 'object') return echo(answer, request, body, response)
  const forwarded = await fetch(new URL(request.url ?? '', target), {
    method: request.method ?? 'GET',
    headers: Object.entries(request.headers).flatMap(([name, value]) => (/^(host|connection|content-length)$/.test(name) ? [] : [[name, String(value)]])),
    ...(body && {body}),
  })
  const text = (await forwarded.text()).replaceAll(new URL(target).host, new URL(proxy.url).host)
  for (const [, token = ''] of text.matchAll(/"(?:jwt|token)": ?"([^"]+)"/g)) proxy.secrets.add(token)
  if (answer === 'lose') return void request.socket.resetAndDestroy()
  const headers = [...forwarded.headers].filter(([name]) => !/^(connection|transfer-encoding|content-length|content-encoding|keep-alive)$/.test(name))
  response.writeHead(forwarded.status, Object.fromEntries(headers)).end(text)
}

function takeAnswer(proxy: HostileProxy, line: string): Hostility['answer'] | undefined {
  const {hostility} = proxy
  if (!hostility || hostility.times <= 0 || !hostility.match.test(line)) return undefined
  hostility.times -= 1
  proxy.hits += 1
  return hostility.answer
}

/** As a gateway that shows what it was sent, wherever an answer has room for words. */
function echo({status, headers}: {status: number; headers?: Record<string, string>}, request: IncomingMessage, body: string, response: ServerResponse): void {
  const {authorization} = request.headers
  const words = `refused ${authorization} of ${request.method} ${request.url} ${JSON.stringify(request.headers)} ${body}`
  const message = JSON.stringify({error: words, message: words, code: words, errors: [{message: words}], documentation_url: words, jwt: words, token: words})
  response
    .writeHead(status, {'content-type': 'application/json', 'x-accepted-github-permissions': `secrets=${authorization?.split(' ')[1]}`, ...headers})
    .end(message)
}
