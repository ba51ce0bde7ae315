import type {MiddlewareHandler} from 'hono'

const loopback = /^(?:127(?:\.\d{1,3}){3}|localhost|[a-z0-9-]+\.localhost|\[::1\])(?::\d{1,5})?$/i

/**
 * Lets pass only what was sent to this machine by its name: a page on the web can make its own name point to 127.0.0.1 (DNS
 * rebinding), and can send requests here from the browser, but says so in `Host` or `Origin`.
 */
export const loopbackGuard: MiddlewareHandler = async (c, next) => {
  const host = c.req.header('host') ?? ''
  const origin = c.req.header('origin')
  if (!loopback.test(host)) return c.json({error: 'This server answers only requests to 127.0.0.1 or localhost.'}, 403)
  if (origin !== undefined && !isLoopbackOrigin(origin)) return c.json({error: 'This server answers no pages from elsewhere.'}, 403)
  return next()
}

function isLoopbackOrigin(origin: string): boolean {
  const url = URL.parse(origin)
  return url !== null && loopback.test(url.host)
}
