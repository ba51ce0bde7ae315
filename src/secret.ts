/** A database or platform token, a GitHub token, a private key, a password in a URL: by their looks. */
const secret = /eyJ[\w-]{5,}\.|gh[pousr]_\w|github_pat_|-----BEGIN |:\/\/[^/]*@/

/** Whether a text looks like a secret, which must not be shown, logged or committed. */
export const looksSecret = (text: string) => secret.test(text)
