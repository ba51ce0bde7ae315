import {invalid} from './find-setting.ts'

/** A platform's name. Throws ENVIRONMENT_INVALID, as all of these do. */
export function asPlatform(text: string, from: string): 'local' | 'turso'
export function asPlatform(text: string | undefined, from: string): 'local' | 'turso' | undefined
export function asPlatform(text: string | undefined, from: string): 'local' | 'turso' | undefined {
  if (text === undefined || text === 'local' || text === 'turso') return text
  throw invalid(from, 'a platform is local or turso')
}

/** A URL without a slash at its end, and without anything that may be a secret. */
export function asUrl(text: string, from: string): string {
  const url = URL.parse(text)
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (isPlain) return text.replace(/\/+$/, '')
  throw invalid(from, 'it must be a URL that begins with http:// or https:// and holds no user, password, query or fragment')
}

/** A whole number from 1 to 1000. */
export function asCount(text: string, from: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count
  throw invalid(from, 'it must be a whole number from 1 to 1000')
}
