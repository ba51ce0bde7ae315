import {StratCommand} from '../src/command.ts'
import {readApiToken} from '../src/prompts.ts'

type LoggedIn = {apiUrl: string; expiresAt: string | null; file: string; warnings: string[]}

export default class Login extends StratCommand {
  static override summary = 'Store a platform token for Turso on this machine.'
  static override description =
    'Asks for the token without showing it, or reads it from stdin; a token is never a flag. Turso is asked whether it takes the token before it is stored, in a file for you only.'
  static override examples = ['<%= config.bin %> login', 'turso auth api-tokens mint strat | tail -1 | <%= config.bin %> login']

  async run(): Promise<LoggedIn> {
    const {flags} = await this.parse(Login)
    const {settings, login} = await this.context(flags)
    const apiUrl = settings['turso.apiUrl'].value
    const {file, expiresAt} = await login.logIn(await readApiToken(apiUrl))
    this.log(`Logged in to ${apiUrl}; the platform token ${expiresAt ? `expires on ${expiresAt.toISOString()}` : 'never expires'}.`)
    const warnings = settings['turso.apiToken'].source === 'environment' ? ['TURSO_API_TOKEN is set, and wins over the login.'] : []
    for (const warning of warnings) this.warn(warning)
    return {apiUrl, expiresAt: expiresAt?.toISOString() ?? null, file, warnings}
  }
}
