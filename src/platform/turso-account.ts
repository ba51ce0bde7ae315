import type {TursoApiOptions} from './turso-api.ts'
import {tursoApi} from './turso-api.ts'
import {answerInvalid, refused, TursoRefusal, unauthenticated} from './turso-errors.ts'

/**
 * Asks Turso whether it takes a platform token, and when that expires; null is never.
 *
 * @throws StratError TURSO_UNAUTHENTICATED, and the others of `Send`
 */
export async function validateApiToken(options: TursoApiOptions): Promise<{expiresAt: Date | null}> {
  const answer = await tursoApi(options)('auth/validate').catch((error) => {
    throw error instanceof TursoRefusal ? refused(error) : error
  })
  const {exp} = (answer ?? {}) as {exp?: unknown}
  if (typeof exp !== 'number') throw answerInvalid(new URL(options.apiUrl).host, 'it does not say when the platform token expires')
  const expiresAt = exp < 0 ? null : new Date(exp * 1000)
  if (expiresAt && expiresAt.getTime() <= Date.now()) throw unauthenticated(`The platform token expired on ${expiresAt.toISOString()}.`)
  return {expiresAt}
}
