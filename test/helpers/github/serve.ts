import type {IncomingMessage, ServerResponse} from 'node:http'
import {setTimeout} from 'node:timers/promises'
import {type Answer, refuse} from './answer.ts'
import {takeFault} from './faults.ts'
import {findRoute} from './find-route.ts'
import type {GithubRequest} from './requests.ts'
import type {Schemas} from './schemas.ts'
import type {Github} from './state.ts'

/** Answers one request, with what is to go wrong with it. */
export async function serve(github: Github, schemas: Schemas, prefix: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const at = performance.now()
  const body = await bodyOf(request)
  // Whoever sent it was killed meanwhile.
  if (body === undefined) return
  const target = request.url ?? '/'
  const path = target.startsWith(`${prefix}/`) ? target.slice(prefix.length) : undefined
  const record: GithubRequest = {method: request.method ?? '', path: path ?? target, body, at}
  github.requests.push(record)
  await github.watch(record)
  const fault = takeFault(github, `${record.method} ${record.path}`)
  if (fault?.delayMs) await setTimeout(fault.delayMs)
  if (fault?.fail === 'reset') return end(record, () => request.socket.resetAndDestroy())
  const isGiven = typeof fault?.fail === 'object'
  const answer = isGiven ? (fault.fail as Answer) : path === undefined ? refuse(404, 'Not Found') : await answerTo(github, schemas, request, record)
  record.status = answer.status
  await fault?.afterwards?.()
  if (fault?.fail === 'lose') return end(record, () => request.socket.resetAndDestroy())
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body)
  const headers = {...standing(github), ...(text !== '' && {'content-type': 'application/json; charset=utf-8'}), ...answer.headers}
  end(record, () => response.writeHead(answer.status, headers).end(text))
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  try {
    return (await request.setEncoding('utf8').toArray()).join('')
  } catch {
    return undefined
  }
}

function end(record: GithubRequest, answer: () => unknown): void {
  record.endedAt = performance.now()
  answer()
}

/** What each answer says: the hour's limit, and what time it is there. */
function standing(github: Github): Record<string, string> {
  const reset = Math.floor(github.now() / 1000) + 3600
  const left = 5000 - github.requests.length
  return {
    date: new Date(github.now()).toUTCString(),
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': String(left),
    'x-ratelimit-reset': String(reset),
  }
}

async function answerTo(github: Github, schemas: Schemas, {headers}: IncomingMessage, {method, path, body: text}: GithubRequest): Promise<Answer> {
  if (!headers['user-agent']) return refuse(403, 'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.')
  const url = new URL(github.url + path)
  const found = findRoute(method, path.split('?')[0] ?? '')
  if (!found) return refuse(404, 'Not Found')
  const {operation, route, params} = found
  const body = parse(text)
  if (body === undefined) return refuse(400, 'Problems parsing JSON')
  const complaint = schemas.complaint(operation, url.searchParams, body)
  const answer = await route.answer({github, params, url, body, headers, complaint})
  const defect = schemas.defect(operation, answer)
  if (defect) github.defects.push(`${operation}: ${defect}`)
  const needed = route.needs === 'app' ? {} : {'x-accepted-github-permissions': route.needs}
  return {...answer, headers: {...needed, ...answer.headers}}
}

/** Null for no body; undefined for none that is JSON. */
function parse(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
