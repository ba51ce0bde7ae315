/** What is answered; no body where that is undefined. */
export type Answer = {status: number; body?: unknown; headers?: Record<string, string>}

/** GitHub's form of an error. */
export function refuse(status: number, message: string, headers: Record<string, string> = {}): Answer {
  return {status, body: {message, documentation_url: 'https://docs.github.com/rest', status: String(status)}, headers}
}

export const isAnswer = (thing: object): thing is Answer => 'status' in thing

/** An instant as GitHub writes it: whole seconds. */
export const isoSeconds = (instant: number) => `${new Date(instant).toISOString().slice(0, 19)}Z`

/** One page of a list, and the Link header to the next; GitHub makes too large a page smaller without a word. */
export function pageOf<T>(all: T[], key: string, url: URL, {usual = 30, most = 100} = {}): Answer {
  const size = Math.min(Number(url.searchParams.get('per_page') ?? usual), most)
  const page = Number(url.searchParams.get('page') ?? 1)
  const next = new URL(url)
  next.searchParams.set('page', String(page + 1))
  const headers = page * size < all.length ? {link: `<${next}>; rel="next"`} : undefined
  return {status: 200, body: {total_count: all.length, [key]: all.slice((page - 1) * size, page * size)}, ...(headers && {headers})}
}
