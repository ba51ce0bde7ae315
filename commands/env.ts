import {appendFile} from 'node:fs/promises'
import * as Flags from '@oclif/core/flags'
import {StratCommand} from '../src/command.ts'
import {StratError} from '../src/errors.ts'
import {strategyName} from '../src/flags.ts'
import {requireLifetime} from '../src/lifetime.ts'
import {maskInActions, maskOf, toDotenv, toShell} from '../src/output/bot-environment.ts'
import {translatingStorageErrors} from '../src/storage-error.ts'
import {mintEnvironment, type StrategyEnvironment} from '../src/strategies/env.ts'

export default class Env extends StratCommand {
  static override summary = "Mint a token for a strategy's database, and print it with the address."
  static override description =
    "The token may do what the strategy's template lets its bot do, until it expires; each run mints another one. strat create keeps one in .env.NAME."
  static override examples = [
    '<%= config.bin %> env stage-condor > .env',
    'eval "$(<%= config.bin %> env stage-condor --format shell)"',
    '<%= config.bin %> env stage-condor --format github (in a step of GitHub Actions: for the steps after it)',
    '<%= config.bin %> env stage-condor | gh secret set --env stage-condor --env-file -',
    '<%= config.bin %> env live-condor --read-only --expiration 12h --json',
  ]
  static override args = strategyName
  static override flags = {
    format: Flags.string({summary: 'What it is for.', options: ['dotenv', 'shell', 'json', 'github'], default: 'dotenv'}),
    expiration: Flags.string({summary: 'How long the token lives: 90d, 12h, 2w1d, at most 365d. Default: the setting tokens.lifetime.', helpValue: 'DURATION'}),
    'read-only': Flags.boolean({summary: 'A token that reads everything in the database and writes nothing.'}),
  }

  async run(): Promise<StrategyEnvironment> {
    const {args, flags} = await this.parse(Env)
    const expiration = flags.expiration === undefined ? undefined : requireLifetime('--expiration', flags.expiration)
    const githubEnv = flags.format === 'github' ? requireGithubEnv(args.strategy) : ''
    const {platform, openDelivery} = await this.context(flags)
    const {permissionsOf, botUrlOf, lifetimeSeconds} = await openDelivery()
    const minting = {name: args.strategy, lifetimeSeconds: expiration ?? lifetimeSeconds, readOnly: flags['read-only']}
    const environment = await mintEnvironment({platform, permissionsOf, botUrlOf}, minting)
    this.#mask(environment, flags.format)
    if (githubEnv) await translatingStorageErrors(githubEnv, () => appendFile(githubEnv, `${toDotenv(environment)}\n`))
    else this.log(formats[flags.format]?.(environment))
    this.logNext(`The token is a secret and expires on ${environment.expiresAt.slice(0, 16).replace('T', ' at ')} UTC.`)
    return environment
  }

  /** Before the token is anywhere else. Where stdout is the answer, on stderr, which Actions reads as well. */
  #mask(environment: StrategyEnvironment, format: string): void {
    if (format === 'github' && !this.jsonEnabled()) process.stdout.write(maskOf(environment.TURSO_AUTH_TOKEN))
    else if (format === 'github') process.stderr.write(maskOf(environment.TURSO_AUTH_TOKEN))
    else maskInActions(environment.TURSO_AUTH_TOKEN)
  }
}

const formats: Record<string, (environment: StrategyEnvironment) => string> = {
  dotenv: toDotenv,
  shell: toShell,
  json: (environment) => JSON.stringify(environment, null, 2),
}

function requireGithubEnv(name: string): string {
  const file = process.env['GITHUB_ENV']
  if (file) return file
  throw new StratError('USAGE', '--format github is for a step of GitHub Actions, and GITHUB_ENV is not set.', {
    suggestions: [`strat env ${name} | gh secret set --env ${name} --env-file -`, `strat env ${name} --format shell`],
  })
}
