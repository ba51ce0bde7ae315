/** A database or platform token, a GitHub token, a private key, a password in a URL: by their looks. */
const secret = /eyJ[\w-]{5,}\.|gh[pousr]_\w|github_pat_|-----BEGIN |:\/\/[^/]*@/

/** Whether a text looks like a secret, which must not be shown, logged or committed. */
export const looksSecret = (text: string) => secret.test(text)

/** Whether a long word is mixed as a token is, or a part of one, and no name or id. */
const isMixed = (word: string) => /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d|[A-Z]{2}|[a-z][A-Z]/.test(word)

/** What a server said, as a part of a sentence: one short line without a full stop; empty where it is markup, or may hold a secret. */
export function serverWords(text: string): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .replace(/[\w-]{16,}/g, (word) => (isMixed(word) ? '…' : word))
    .trim()
    .slice(0, 200)
    .replace(/\.$/, '')
  return /^[<{]/.test(line) || looksSecret(line) ? '' : line
}
