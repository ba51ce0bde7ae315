import type {BotSecrets} from '../secrets/secret-store.ts'

const lines = (secrets: BotSecrets, line: (name: string, value: string) => string) =>
  `${line('TURSO_DB_URL', secrets.TURSO_DB_URL)}\n${line('TURSO_AUTH_TOKEN', secrets.TURSO_AUTH_TOKEN)}`

/** As dotenv files, `$GITHUB_ENV` and `docker --env-file` want them. The values are plain (`checkSecrets`): quotes would be part of them for docker. */
export const toDotenv = (secrets: BotSecrets) => lines(secrets, (name, value) => `${name}=${value}`)

/** For `eval` in any POSIX shell. */
export const toShell = (secrets: BotSecrets) => lines(secrets, (name, value) => `export ${name}='${value.replaceAll("'", "'\\''")}'`)

/** What makes GitHub Actions hide a token in its log from here on; it reads stdout and stderr alike. */
export const maskOf = (databaseToken: string) => `::add-mask::${databaseToken}\n`

/** In GitHub Actions, hides a token that was just minted before it is anywhere else; on stderr, for stdout may be read by a program. */
export function maskInActions(databaseToken: string): void {
  if (process.env['GITHUB_ACTIONS'] === 'true') process.stderr.write(maskOf(databaseToken))
}
