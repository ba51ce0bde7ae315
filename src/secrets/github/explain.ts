import {StratError} from '../../errors.ts'
import type {GithubRefusal} from './github-errors.ts'
import {permissionWords} from './permission-words.ts'

/** Who signed in, and where. */
export type SignedInAs = {isApp: boolean; isWorkflowToken: boolean; repository: string}

const said = ({message, status}: GithubRefusal) => (message ? `: ${message}` : ` (HTTP ${status})`)
const signInWays = [
  'Make a fine-grained personal access token for the repository, with read and write access to Environments, Secrets and Variables, and set GITHUB_TOKEN.',
  'Or install a GitHub App with the same permissions, and set STRAT_GITHUB_APP_ID and STRAT_GITHUB_APP_PRIVATE_KEY.',
]

/** What a refusal means to a person, by its status. */
export function explainRefusal(refusal: GithubRefusal, as: SignedInAs): StratError {
  if (refusal.status === 401) return unauthenticated(refusal, as)
  if (refusal.status === 403) return forbidden(refusal, as)
  if (refusal.status === 404) return notFound(as)
  return new StratError('GITHUB_REFUSED', `GitHub refused a request about ${as.repository}${said(refusal)}.`, {
    suggestions: ['strat config shows the repository and the scope of secrets that were asked for.', 'Run the same command again: nothing is done twice.'],
  })
}

function unauthenticated(refusal: GithubRefusal, {isApp}: SignedInAs): StratError {
  return isApp
    ? new StratError('GITHUB_UNAUTHENTICATED', `GitHub does not accept the App's id and private key${said(refusal)}.`, {
        suggestions: [
          "Check STRAT_GITHUB_APP_ID against the App's page, and make a new private key there if this one was deleted.",
          'Check the clock of this machine: GitHub refuses an App whose clock is minutes off.',
        ],
      })
    : new StratError('GITHUB_UNAUTHENTICATED', `GitHub does not accept the token${said(refusal)}.`, {suggestions: signInWays})
}

function forbidden(refusal: GithubRefusal, {isWorkflowToken, repository}: SignedInAs): StratError {
  const missing = permissionWords(refusal.headers['x-accepted-github-permissions'])
  if (isWorkflowToken) {
    const message = `GitHub does not allow this in ${repository}${said(refusal)}. If GITHUB_TOKEN is the workflow's own, it cannot write secrets, whatever permissions it is given.${missing ? ` If it is an App's, what is missing: ${missing}.` : ''}`
    return new StratError('GITHUB_FORBIDDEN', message, {suggestions: signInWays})
  }
  return new StratError('GITHUB_FORBIDDEN', `GitHub does not allow this in ${repository}${said(refusal)}.${missing ? ` What is missing: ${missing}.` : ''}`, {
    suggestions: [missing ? `Give the token, or the App and its installation, the permission ${missing}.` : (signInWays[0] ?? '')],
  })
}

/** There is no such repository, or not for this token: GitHub does not say which. */
export const notFound = ({repository, isApp}: SignedInAs) =>
  new StratError('GITHUB_NOT_FOUND', `GitHub has no repository ${repository}, or ${isApp ? 'the App is not installed on it' : 'the token may not see it'}.`, {
    suggestions: [
      'strat config shows where the name comes from; --repo sets another.',
      isApp ? 'Install the App on the repository.' : 'Give the token access to the repository.',
    ],
  })

/** A user has no secrets for several repositories; and of an organization's, GitHub tells only those who may manage them. */
export const organizationNotFound = (title: string) =>
  new StratError('GITHUB_NOT_FOUND', `GitHub has no secrets of the ${title}, or the token may not see them.`, {
    suggestions: ['Give the token the permission Organization secrets: write.', 'Or set tokens.secretScope to environment or repository.'],
  })
