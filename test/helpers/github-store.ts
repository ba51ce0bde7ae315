import type {GithubCredentials} from '../../src/secrets/github/credentials.ts'
import {type GithubStoreOptions, githubStore} from '../../src/secrets/github/github.ts'
import type {Github} from './github/state.ts'

/** Waits as short as tests have time for. */
export const shortWaits = {writeGapMs: 0, secondMs: 5, answerMs: 5000, confirmMs: 1500, canaryMs: 1000, lookMs: 10}

/** The store of the stand-in's repository, signed in with its token. */
export const storeOf = ({url, repository, token}: Github, {limits, ...options}: Partial<GithubStoreOptions> = {}) =>
  githubStore({
    apiUrl: url,
    repository,
    credentials: {token, inActions: false},
    scope: 'environment',
    environment: '{name}',
    limits: {...shortWaits, ...limits},
    ...options,
  })

/** As `storeOf`, signed in with something else. */
export const signedIn = (github: Github, credentials: Partial<GithubCredentials>) => storeOf(github, {credentials: {inActions: false, ...credentials}})
