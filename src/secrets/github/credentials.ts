/** What signs in to GitHub. Secrets. An App wins over a token. */
export type GithubCredentials = {
  /** `GITHUB_TOKEN`, `GH_TOKEN`. */
  token?: string | undefined
  app?: GithubApp | undefined
  /** Whether this runs in a workflow, whose own token may not write secrets. */
  inActions: boolean
}

/** A GitHub App's id, and its private key as PEM, also with `\n` in place of line breaks. */
export type GithubApp = {id: string; privateKey: string}
