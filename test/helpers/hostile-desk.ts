import {spawnSync} from 'node:child_process'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {usingGithub} from './github/github.ts'
import type {Github} from './github/state.ts'
import {type HostileProxy, usingHostileProxy} from './hostile-proxy.ts'
import {type TestServer, usingServer} from './server.ts'
import {projectRoot, type Result, runStrat, usingFolder} from './strat.ts'

/** How strat signs in to GitHub; `none`: the secrets of bots are kept in files. */
export type SignIn = 'none' | 'token' | 'app'

/** A folder from which `strat` reaches Turso and GitHub, both behind proxies, and where it leaves all that it writes. */
export type HostileDesk = {
  folder: string
  turso: HostileProxy
  github: HostileProxy
  /** All that opens something, and was handed over or seen so far. */
  secrets(): Set<string>
  /** Runs `strat` with all that makes it talkative; in a step of GitHub Actions, if asked. */
  run(args: string[], options?: {inActions?: boolean; input?: 'platform token'; env?: Record<string, string>}): Promise<Result>
}

/** Lends a desk. */
export const usingHostileDesk = (signIn: SignIn, use: (desk: HostileDesk) => Promise<void>): Promise<void> =>
  usingServer((server) =>
    usingGithub((github) =>
      usingHostileProxy(server.url, (tursoProxy) =>
        usingHostileProxy(github.url, (githubProxy) =>
          usingFolder(async (folder) => {
            await mkdir(join(folder, 'home'))
            spawnSync('git', ['init', '--quiet', folder])
            await use(openDesk(folder, {server, github, tursoProxy, githubProxy, signIn}))
          }),
        ),
      ),
    ),
  )

type Desk = {server: TestServer; github: Github; tursoProxy: HostileProxy; githubProxy: HostileProxy; signIn: SignIn}

function openDesk(folder: string, {server, github, tursoProxy, githubProxy, signIn}: Desk): HostileDesk {
  const home = join(folder, 'home')
  github.addWorkflow('strat-canary.yml', ['strategy'])
  const app = github.addApp()
  const signedIn = signIn === 'app' ? {STRAT_GITHUB_APP_ID: String(app.id), STRAT_GITHUB_APP_PRIVATE_KEY: app.privateKey} : {GITHUB_TOKEN: github.token}
  const env = {
    ...{HOME: home, XDG_CONFIG_HOME: home, TMPDIR: home, WITNESS: home, DEBUG: '*', STRAT_DEBUG: '1'},
    ...{STRAT_PLATFORM: 'turso', TURSO_API_BASEURL: tursoProxy.url, TURSO_ORGANIZATION: 'local', TURSO_API_TOKEN: server.apiToken},
    ...(signIn !== 'none' && {GITHUB_API_URL: githubProxy.url, GITHUB_REPOSITORY: github.repository, ...signedIn}),
  }
  const actions = {GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(home, 'summary'), GITHUB_ENV: join(home, 'github-env')}
  return {
    folder,
    turso: tursoProxy,
    github: githubProxy,
    secrets: () => new Set([server.apiToken, github.token, app.privateKey, ...tursoProxy.secrets, ...githubProxy.secrets]),
    run: (args, {inActions = false, input, env: more} = {}) =>
      runStrat(args, {
        cwd: folder,
        nodeArgs: ['--import', join(projectRoot, 'test/helpers/witness.mjs')],
        env: {...env, ...(inActions && actions), ...more},
        ...(input && {input: server.apiToken}),
      }),
  }
}
