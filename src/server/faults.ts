import type {HttpBindings} from '@hono/node-server'
import {RESPONSE_ALREADY_SENT} from '@hono/node-server/utils/response'
import {type Context, Hono, type MiddlewareHandler} from 'hono'
import * as v from 'valibot'

const faultSchema = v.strictObject({
  /** `POST /v1/organizations/local/databases`; `*` stands for anything. */
  match: v.pipe(v.string(), v.regex(/^(?:[A-Z]+|\*) \/\S*$/, 'must be a method and a path, as in "POST /dev/*/v2/pipeline"')),
  /** How many requests it hits. */
  times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** For how long it hits each request, where `times` is not given. */
  seconds: v.optional(v.pipe(v.number(), v.minValue(0))),
  respond: v.optional(
    v.strictObject({
      status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
      headers: v.optional(v.pipe(v.record(v.string(), v.string()), v.check(areHeaders, 'must be valid headers')), {}),
      body: v.optional(v.unknown(), ''),
    }),
  ),
  /** Cuts the connection: `before` anything is done, or `after` it was, so that only the reply is lost. */
  reset: v.optional(v.picklist(['before', 'after'])),
  /** Never answers. */
  hang: v.optional(v.literal(true)),
})

type Fault = v.InferOutput<typeof faultSchema>
type Armed = Fault & {left: number; until: number}

/**
 * Faults on request, for testing clients: `POST /_faults` arms one, `GET` lists them, `DELETE` disarms all. Mount `routes`,
 * and put `hit` in front of what they are to hit.
 */
export function faults(): {routes: Hono; hit: MiddlewareHandler<{Bindings: HttpBindings}>} {
  let armed: Armed[] = []
  const routes = new Hono()
    .get('/_faults', (c) => c.json({faults: armed.filter(isLive)}))
    .delete('/_faults', (c) => {
      armed = []
      return c.body(null, 204)
    })
    .post('/_faults', async (c) => {
      const result = v.safeParse(faultSchema, await c.req.json().catch(() => undefined))
      if (!result.success) return c.json({error: `${v.getDotPath(result.issues[0]) ?? 'the fault'}: ${result.issues[0].message}`}, 400)
      const fault = result.output
      const actions = [fault.respond, fault.reset, fault.hang].filter((action) => action !== undefined)
      if (actions.length !== 1) return c.json({error: 'A fault has one of respond, reset, hang.'}, 400)
      armed.push(arm(fault))
      return c.json({armed: armed.length}, 201)
    })
  const hit: MiddlewareHandler<{Bindings: HttpBindings}> = (c, next) => {
    const fault = c.req.path === '/_faults' ? undefined : armed.find((candidate) => isLive(candidate) && matches(candidate.match, c))
    if (!fault) return next().then(() => undefined)
    fault.left -= 1
    return act(fault, c, next)
  }
  return {routes, hit}
}

function areHeaders(headers: Record<string, string>): boolean {
  try {
    new Headers(headers)
    return true
  } catch {
    return false
  }
}

function arm(fault: Fault): Armed {
  const forSeconds = fault.seconds !== undefined && fault.times === undefined
  return {
    ...fault,
    left: fault.times ?? (forSeconds ? Number.POSITIVE_INFINITY : 1),
    until: fault.seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + fault.seconds * 1000,
  }
}

const isLive = ({left, until}: Armed) => left > 0 && Date.now() < until

function matches(match: string, c: Context): boolean {
  const [first = '', ...rest] = match.split('*')
  const last = rest.pop()
  const line = `${c.req.method} ${c.req.path}`
  if (last === undefined) return line === match
  let at = first.length
  if (!line.startsWith(first)) return false
  for (const part of rest) {
    const found = line.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return line.length - last.length >= at && line.endsWith(last)
}

async function act({respond, reset}: Armed, c: Context<{Bindings: HttpBindings}>, next: () => Promise<void>): Promise<Response> {
  if (respond) {
    const isText = typeof respond.body === 'string'
    const headers = {'content-type': isText ? 'text/plain' : 'application/json', ...respond.headers}
    return new Response(isText ? String(respond.body) : JSON.stringify(respond.body), {status: respond.status, headers})
  }
  if (reset === 'after') await next()
  if (reset) c.env.outgoing.destroy()
  else await new Promise((resolve) => c.env.outgoing.once('close', resolve))
  return RESPONSE_ALREADY_SENT
}
