import {expect, test} from 'vitest'
import type {StratError} from '../../src/errors.ts'
import {type TursoPlatformOptions, tursoPlatform} from '../../src/platform/turso.ts'
import {platformToken, type TursoServer, usingTursoServer} from './turso-server.ts'

const usual = {answerMs: 10_000, outageMs: 400, rateLimitMs: 3000}

/** The Turso platform of the organization `desk` on a server of the tests, less patient than it is in life. */
export const openTurso = ({url}: Pick<TursoServer, 'url'>, options: Partial<TursoPlatformOptions> = {}) =>
  tursoPlatform({
    apiUrl: url,
    apiToken: platformToken,
    organization: 'desk',
    group: 'default',
    limits: usual,
    ...options,
  })

/** As `openTurso`, for tests in which no answer comes: it is not waited for long. */
export const openImpatientTurso = (server: Pick<TursoServer, 'url'>, options: Partial<TursoPlatformOptions> = {}) =>
  openTurso(server, {limits: {...usual, answerMs: 300}, ...options})

/** A test with a server of its own. */
export const testOnServer = (title: string, use: (server: TursoServer) => Promise<void>) => test(title, () => usingTursoServer(use))

/** The error that a call must end with. */
export const errorOf = (work: Promise<unknown>): Promise<StratError> =>
  work.then(
    () => expect.unreachable('It did not fail.'),
    (error) => error,
  )
