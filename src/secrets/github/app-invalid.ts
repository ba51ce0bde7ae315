import {StratError} from '../../errors.ts'

/** What is known of the GitHub App cannot be used. */
export const appInvalid = (reason: string) =>
  new StratError('GITHUB_APP_INVALID', `The GitHub App cannot sign in: ${reason}.`, {
    suggestions: [
      'STRAT_GITHUB_APP_PRIVATE_KEY holds the whole .pem file that GitHub made, or STRAT_GITHUB_APP_PRIVATE_KEY_FILE is its path.',
      "STRAT_GITHUB_APP_ID is the number on the App's page.",
    ],
  })
