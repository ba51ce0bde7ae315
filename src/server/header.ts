import type {HttpBindings} from '@hono/node-server'

/** What is needed of hono's context; without a socket, as in tests, there is nothing of Node's in `env`. */
type WithHeaders = {env: Partial<HttpBindings> | undefined; req: {header(name: string): string | undefined}}

/** A header of the request. Node has parsed them all; to make the web's `Headers` of them takes as long as a statement. */
export function headerOf({env, req}: WithHeaders, name: string): string | undefined {
  if (!env?.incoming) return req.header(name)
  const value = env.incoming.headers[name]
  return Array.isArray(value) ? value[0] : value
}
