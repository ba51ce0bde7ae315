import {StratError} from '../../errors.ts'
import {serially} from '../../serially.ts'
import {type AppTokenOptions, appTokens, type InstallationToken} from './app-token.ts'
import type {GithubCredentials} from './credentials.ts'

/** Who signs in to GitHub, and with what. */
export type SignIn = {
  isApp: boolean
  isWorkflowToken: boolean
  /**
   * A header of the request, a secret; `refused` is one that was not accepted.
   *
   * @throws StratError GITHUB_TOKEN_REQUIRED, GITHUB_UNAUTHENTICATED, GITHUB_APP_INVALID
   */
  authorization(refused?: string): Promise<string>
}

/** How long before its end a token of an installation is not begun anything with. */
const marginMs = 5 * 60_000

/** Signs in with an App, else with a token. Nothing is asked before the first request. */
export function signInWith({app, token, inActions}: GithubCredentials, options: Omit<AppTokenOptions, 'app'>): SignIn {
  if (!app) return {isApp: false, isWorkflowToken: inActions && token?.startsWith('ghs_') === true, authorization: async () => `Bearer ${checkToken(token)}`}
  const request = appTokens({...options, app})
  const inOrder = serially()
  let current: InstallationToken | undefined
  return {
    isApp: true,
    isWorkflowToken: false,
    authorization: (refused) =>
      inOrder('token', async () => {
        if (!current || current.endsAt - marginMs < Date.now() || refused === `Bearer ${current.token}`) current = await request()
        return `Bearer ${current.token}`
      }),
  }
}

/** No error may quote the token, as those of `fetch` do where it is no header. */
function checkToken(token: string | undefined): string {
  if (token && /^[\x21-\x7e]+$/.test(token)) return token
  if (token) {
    throw new StratError('GITHUB_UNAUTHENTICATED', 'The GitHub token is malformed: it holds spaces, line breaks or other characters that no token has.', {
      suggestions: ['Set GITHUB_TOKEN (or GH_TOKEN) anew, without line breaks.'],
    })
  }
  throw new StratError('GITHUB_TOKEN_REQUIRED', 'There is no GitHub token, and no GitHub App.', {
    suggestions: [
      'Set GITHUB_TOKEN (or GH_TOKEN) to a fine-grained personal access token of the repository.',
      'Or set STRAT_GITHUB_APP_ID and STRAT_GITHUB_APP_PRIVATE_KEY.',
    ],
  })
}
