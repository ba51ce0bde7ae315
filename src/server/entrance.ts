import type {HttpBindings} from '@hono/node-server'
import type {Context, MiddlewareHandler} from 'hono'
import {bodyLimit} from 'hono/body-limit'
import {headerOf} from './header.ts'

type Handler = MiddlewareHandler<{Bindings: HttpBindings}>

const loopback = /^(?:127(?:\.\d{1,3}){3}|localhost|[a-z0-9-]+\.localhost|\[::1\])(?::\d{1,5})?$/i

const maxBodyBytes = 16 * 1024 * 1024

/**
 * Lets pass only what was sent to this machine by its name, and is not too large. A page on the web can make its own name point
 * to 127.0.0.1 (DNS rebinding), and can send requests here from the browser, but says so in `Host` or `Origin`. One middleware
 * with the next one inside: each more costs every request.
 */
export const entrance =
  (inner: Handler): Handler =>
  (c, next) => {
    if (!loopback.test(headerOf(c, 'host') ?? '')) return refuse(c, 403, 'This server answers only requests to 127.0.0.1 or localhost.')
    const origin = headerOf(c, 'origin')
    if (origin !== undefined && !isLoopbackOrigin(origin)) return refuse(c, 403, 'This server answers no pages from elsewhere.')
    const length = headerOf(c, 'content-length')
    const isLengthKnown = length !== undefined && headerOf(c, 'transfer-encoding') === undefined
    // hono's own limit reads the body as a stream: only where nobody says how long it is.
    if (!isLengthKnown) {
      return limitStream(c, async () => {
        const response = await inner(c, next)
        if (response) c.res = response
      })
    }
    return Number(length) <= maxBodyBytes ? inner(c, next) : refuseLarge(c)
  }

const refuse = async (c: Context, status: 403 | 413, error: string): Promise<Response> => c.json({error}, status)

const refuseLarge = (c: Context) => refuse(c, 413, 'The request is larger than 16 MB.')

const limitStream = bodyLimit({maxSize: maxBodyBytes, onError: refuseLarge})

function isLoopbackOrigin(origin: string): boolean {
  const url = URL.parse(origin)
  return url !== null && loopback.test(url.host)
}
