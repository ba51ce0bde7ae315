/** A request, without the base's path; `at` and `endedAt` are milliseconds of a clock that only goes forward. */
export type GithubRequest = {method: string; path: string; body: string; at: number; endedAt?: number; status?: number}

/** Those that may have changed something. */
export const writesOf = (requests: GithubRequest[]) => requests.filter(({method}) => method !== 'GET')

/** The milliseconds from each write to the next. */
export function gapsBetweenWrites({requests}: {requests: GithubRequest[]}): number[] {
  const writes = writesOf(requests)
  return writes.slice(1).map(({at}, index) => at - (writes[index]?.at ?? 0))
}

/** How many requests were under way at once, at most. */
export function mostAtOnce({requests}: {requests: GithubRequest[]}): number {
  const isDuring = (at: number) => requests.filter((other) => other.at <= at && at < (other.endedAt ?? Number.POSITIVE_INFINITY)).length
  return Math.max(0, ...requests.map(({at}) => isDuring(at)))
}
