/** A database or platform token, a GitHub token, a private key, a password in a URL: by their looks. */
const secret = /eyJ[\w-]{5,}\.|gh[pousr]_\w|github_pat_|-----BEGIN |:\/\/[^/]*@/

/** Whether a text looks like a secret, which must not be shown, logged or committed. */
export const looksSecret = (text: string) => secret.test(text)

/** What a server said, as a part of a sentence: one short line without a full stop; empty where it is markup, or may hold a secret. */
export function serverWords(text: string): string {
  const line = text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 200)
    .replace(/\.$/, '')
  return /^[<{]/.test(line) || looksSecret(line) ? '' : line
}
