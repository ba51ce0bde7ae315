import http from 'node:http'
import https from 'node:https'

/** What is sent: JSON, with the token where there is one. */
export type HttpRequest = {url: string; body: string; authToken: string | undefined}

export type HttpAnswer = {status: number; retryAfter: string; text: string}

/** How long is waited, in milliseconds: for the connection, and for the whole of one answer. */
export type ExchangeLimits = {connectMs: number; answerMs: number}

export type HttpConnection = {
  /** Follows no redirection. Throws what Node throws, a TimeoutError, or an error with the code CONNECT_TIMEOUT. */
  post(request: HttpRequest, limits: ExchangeLimits): Promise<HttpAnswer>
  close(): void
}

/**
 * A way to one database's host: requests that follow each other share a connection, and nothing of it stays when it is closed.
 * Not `fetch`, which keeps each host's connection for seconds more and takes longer: over 1,000 hosts of their own 1.3 ms of
 * processor time a request and 120 MB, this 0.5 ms and 35 MB.
 */
export function openHttpConnection(url: string): HttpConnection {
  const {Agent, request} = url.startsWith('https:') ? https : http
  // The proxies that Node's own agents go through (NODE_USE_ENV_PROXY), both kinds of them.
  const {proxyEnv} = https.globalAgent.options
  const agent = new Agent({keepAlive: true, maxSockets: 1, ...(proxyEnv && {proxyEnv})})
  return {
    post: ({url, body, authToken}, limits) => {
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'strat',
        ...(authToken !== undefined && {authorization: `Bearer ${authToken}`}),
      }
      return exchange(request(url, {method: 'POST', agent, headers}), body, limits)
    },
    close: () => agent.destroy(),
  }
}

function exchange(sent: http.ClientRequest, body: string, {connectMs, answerMs}: ExchangeLimits): Promise<HttpAnswer> {
  return new Promise<HttpAnswer>((resolve, reject) => {
    const giveUp = (error: Error) => {
      reject(error)
      sent.destroy()
    }
    const timer = setTimeout(() => giveUp(new DOMException(`No answer within ${answerMs} ms`, 'TimeoutError')), answerMs)
    const end = () => clearTimeout(timer)
    sent.once('socket', (socket) => {
      if (!socket.connecting) return
      const connecting = setTimeout(() => giveUp(connectTimeout(connectMs)), connectMs)
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => clearTimeout(connecting)).once('close', () => clearTimeout(connecting))
    })
    sent
      .on('error', reject)
      .once('close', end)
      .once('response', (response) => void read(response).then(resolve, reject))
    sent.end(body)
  })
}

const connectTimeout = (ms: number) => Object.assign(new Error(`No connection within ${ms} ms`), {code: 'CONNECT_TIMEOUT'})

async function read(response: http.IncomingMessage): Promise<HttpAnswer> {
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += part
  return {status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] ?? '', text}
}
