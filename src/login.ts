import {removeApiToken, storeApiToken} from './platform/credentials.ts'

/** The platform token that is stored on this machine. */
export type Login = {
  /** Stores a token that Turso takes; null: it never expires. */
  logIn(apiToken: string): Promise<{file: string; expiresAt: Date | null}>
  /** Says whether there was one. */
  logOut(): Promise<boolean>
}

/** The login for one API, in a file of the user's. */
export function loginOf(file: string, apiUrl: string): Login {
  return {
    async logIn(apiToken) {
      const {validateApiToken} = await import('./platform/turso-account.ts')
      const {expiresAt} = await validateApiToken({apiUrl, apiToken})
      await storeApiToken(file, apiUrl, apiToken)
      return {file, expiresAt}
    },
    logOut: () => removeApiToken(file, apiUrl),
  }
}
