import * as Flags from '@oclif/core/flags'
import {StratCommand} from '../src/command.ts'
import type {Context} from '../src/context.ts'
import type {Delivery} from '../src/delivery/deliver.ts'
import {StratError} from '../src/errors.ts'
import {storeFlags, strategyFlags, strategyNames} from '../src/flags.ts'
import {Pace} from '../src/fleet/pace.ts'
import type {Selection} from '../src/fleet/select.ts'
import {interruptible} from '../src/interrupt.ts'
import {requireLifetime} from '../src/lifetime.ts'
import {reportToGitHubActions} from '../src/output/github-actions.ts'
import {rotationSummary} from '../src/output/job-summary.ts'
import {blastRadius, revokeReport} from '../src/output/revoke-report.ts'
import {rotateExitCode, rotateReport, rotationTime} from '../src/output/rotate-report.ts'
import {confirmByName} from '../src/prompts.ts'
import type {SettingFlags} from '../src/settings.ts'
import {prepareRevocation} from '../src/tokens/blast-radius.ts'
import {checkTokens} from '../src/tokens/check.ts'
import {prepareRotation} from '../src/tokens/prepare-rotation.ts'
import type {RotateResult} from '../src/tokens/result.ts'
import {type RevokeResult, revoke} from '../src/tokens/revoke.ts'
import {previewRotation, rotateTokens} from '../src/tokens/rotate.ts'

export default class Rotate extends StratCommand {
  static override summary = "Replace bots' tokens by new ones, before they expire."
  static override description =
    "Each new token may do what the strategy's template lets its bot do. It is minted, tried where the bot uses it, put into the secret store, and recorded last; the one before goes on working until it expires, so no bot ever stands outside. Tokens that are fresh are left alone. Exits with 3 if some failed."
  static override examples = [
    '<%= config.bin %> rotate --all',
    '<%= config.bin %> rotate stage-condor --force',
    '<%= config.bin %> rotate --all --check --within 14d',
    '<%= config.bin %> rotate --all --dry-run',
    '<%= config.bin %> rotate live-condor --canary strat-canary.yml',
    '<%= config.bin %> rotate live-condor --revoke',
  ]
  static override args = strategyNames
  static override flags = {
    ...strategyFlags,
    ...storeFlags,
    force: Flags.boolean({summary: 'Also tokens that are fresh.'}),
    check: Flags.boolean({
      summary: 'Change nothing; exit with 3 where a bot has no token, or one that expires soon.',
      exclusive: ['force', 'canary', 'dry-run'],
    }),
    within: Flags.string({summary: 'With --check: how soon is soon. Default: 14d.', helpValue: 'DURATION', dependsOn: ['check']}),
    canary: Flags.string({summary: 'Run this workflow with the new secrets before they are recorded, and wait for it.', helpValue: 'WORKFLOW'}),
    'dry-run': Flags.boolean({summary: 'Say which tokens are due and why, and do nothing.'}),
    revoke: Flags.boolean({
      summary: 'Kill every token of one strategy at once, and with it those of its group, and give their bots new ones.',
      exclusive: ['all', 'stage', 'shard', 'force', 'check', 'canary', 'dry-run'],
    }),
    confirm: Flags.string({summary: 'With --revoke: the name again, instead of typing it.', helpValue: 'NAME', dependsOn: ['revoke']}),
  }

  async run(): Promise<RotateResult | RevokeResult> {
    const {args, flags} = await this.parse(Rotate)
    if (flags.revoke) return this.#revoke(args.names ?? [], flags)
    const selection: Selection = {...flags, names: args.names ?? []}
    const context = await this.context(flags)
    const delivery = await context.openDelivery(flags.secrets)
    if (flags.canary !== undefined && !delivery.workflowRuns) throw canaryNeedsGitHub()
    const result = await interruptible(
      () => this.warn('Interrupted: finishing what has begun, leaving alone what waits. Once more ends it at once.'),
      (signal) =>
        flags.check
          ? this.#check(context, delivery, {...selection, within: flags.within ?? '14d'}, signal)
          : this.#rotate(context, delivery, {...selection, ...flags}, signal),
    )
    this.logReport(rotateReport(result))
    await reportToGitHubActions('strat rotate', () => rotationSummary(result), {env: process.env, stream: process.stderr})
    process.exitCode = rotateExitCode(result)
    return result
  }

  async #revoke(names: string[], flags: RevokeFlags): Promise<RevokeResult> {
    const [name, ...others] = names
    if (name === undefined || others.length > 0) throw revokesOne()
    if (flags.confirm !== undefined) await confirmByName(name, '', flags.confirm)
    const context = await this.context(flags)
    const dependencies = {platform: context.platform, delivery: await context.openDelivery(flags.secrets), pace: context.pace, onProgress: this.onProgress}
    this.onProgress({message: 'Looking at the group'})
    const prepared = await prepareRevocation(dependencies, {name})
    this.logNext(...blastRadius(prepared))
    await confirmByName(name, 'This cannot be undone.', flags.confirm)
    const result = await interruptible(
      () => this.warn(`A revocation is not left half done: ending it. Once more breaks it off; strat rotate ${name} --revoke goes on then.`),
      () => revoke(dependencies, prepared),
    )
    this.logReport(revokeReport(result))
    if (!result.finished) process.exitCode = 3
    return result
  }

  async #check(
    {platform, pace}: Context,
    delivery: Delivery,
    {within, ...selection}: Selection & {within: string},
    signal: AbortSignal,
  ): Promise<RotateResult> {
    const withinSeconds = requireLifetime('--within', within)
    const dependencies = {platform, delivery, fleet: {pace, signal}, now: () => new Date(), onProgress: this.onProgress, runId: delivery.runId}
    return checkTokens(dependencies, {...selection, withinSeconds})
  }

  async #rotate(context: Context, delivery: Delivery, flags: Selection & RotateFlags, signal: AbortSignal): Promise<RotateResult> {
    const {platform, pace, settings} = context
    const common = {platform, delivery, onProgress: this.onProgress}
    const prepared = await prepareRotation(
      {...common, policy: context.rotationPolicy(), fleet: {pace, signal}, now: () => new Date()},
      {...flags, dryRun: flags['dry-run']},
    )
    if (flags['dry-run']) return previewRotation(prepared, delivery.runId)
    if (delivery.store.kind === 'github') this.logNext(...rotationTime(prepared))
    // Few at once are enough where the store takes one write a second, and end soon when they are interrupted.
    // Of a canary that fails, only one strategy is to hear.
    const width = flags.canary === undefined ? 4 : 1
    const fleet = {pace: new Pace({start: width, most: width}), signal}
    return rotateTokens({...common, isLocal: settings.platform.value === 'local', canary: flags.canary, fleet}, prepared)
  }
}

type RevokeFlags = SettingFlags & {confirm?: string | undefined; secrets?: Delivery['store']['kind'] | undefined}

type RotateFlags = {force: boolean; canary?: string | undefined; 'dry-run': boolean}

const revokesOne = () =>
  new StratError('USAGE', '--revoke takes the name of one strategy; the tokens of its group die with it.', {suggestions: ['strat rotate live-condor --revoke']})

const canaryNeedsGitHub = () =>
  new StratError('USAGE', '--canary runs a workflow of the repository whose secrets are rotated, and the secrets are kept in files here.', {
    suggestions: ['Leave out --canary.', '--secrets github'],
  })
