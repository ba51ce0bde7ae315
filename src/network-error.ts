/** Why a request got no answer, as a part of a sentence about the server that was asked. */
export type NetworkFailure = {
  reason: string
  /** Whether the request certainly never reached the server. */
  isUnsent: boolean
  /** Whether the same may succeed a moment later. */
  isTransient: boolean
}

const failures: {codes: RegExp; reason: string; isUnsent: boolean; isTransient: boolean}[] = [
  {codes: /^ENOTFOUND$/, reason: 'its name does not resolve', isUnsent: true, isTransient: false},
  {codes: /^EAI_AGAIN$/, reason: 'its name does not resolve just now', isUnsent: true, isTransient: true},
  {codes: /^ECONNREFUSED$/, reason: 'nothing listens there: the connection was refused', isUnsent: true, isTransient: true},
  {codes: /^(EHOSTUNREACH|ENETUNREACH|ENETDOWN|CONNECT_TIMEOUT|UND_ERR_CONNECT_TIMEOUT)$/, reason: 'there is no way to it', isUnsent: true, isTransient: true},
  {
    codes: /CERT|TLS|SSL|^UNABLE_TO_|^EPROTO$/,
    reason: 'its TLS certificate is not trusted, or it does not speak TLS',
    isUnsent: true,
    isTransient: false,
  },
]

/** A connection broke after it was made. Whatever broke it (`ERR_SSL_…` and `EHOSTUNREACH` come late, too), the request may have been sent. */
export class ConnectionBroken extends Error {}

/** Tells from an error of `fetch` or of Node's own why there was no answer; `limitMs` is how long it was waited for. */
export function networkFailureOf(error: unknown, limitMs: number): NetworkFailure {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return {reason: `it did not answer within ${limitMs / 1000} seconds`, isUnsent: false, isTransient: true}
  }
  const wasConnected = error instanceof ConnectionBroken
  const code = codeOf(wasConnected ? error.cause : error)
  const known = wasConnected ? undefined : failures.find(({codes}) => codes.test(code))
  const {reason, isUnsent, isTransient} = known ?? {
    reason: 'the connection was cut before its answer was complete',
    isUnsent: false,
    isTransient: true,
  }
  return {reason: code ? `${reason} (${code})` : reason, isUnsent, isTransient}
}

/** `fetch` hides the system's error in the cause, and of several addresses tried all of theirs in that one. */
function codeOf(error: unknown): string {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code
  }
  return ''
}

/** Whether a URL's host is this machine. */
export const isLoopback = ({hostname}: URL) => /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
