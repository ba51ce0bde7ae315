import {StratCommand} from '../src/command.ts'

type LoggedOut = {apiUrl: string; status: 'removed' | 'absent'}

export default class Logout extends StratCommand {
  static override summary = 'Forget the platform token that strat login stored.'
  static override description = 'Turso still takes the token until it expires, or turso auth api-tokens revoke ends it.'
  static override examples = ['<%= config.bin %> logout']

  async run(): Promise<LoggedOut> {
    const {flags} = await this.parse(Logout)
    const {settings, login} = await this.context(flags)
    const apiUrl = settings['turso.apiUrl'].value
    const status = (await login.logOut()) ? ('removed' as const) : ('absent' as const)
    this.log(status === 'removed' ? `Logged out of ${apiUrl}.` : `There was no login to ${apiUrl}.`)
    return {apiUrl, status}
  }
}
