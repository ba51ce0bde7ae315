import {StratCommand} from './command.ts'
import type {FailureBudget} from './fleet/failure-budget.ts'
import type {Selection} from './fleet/select.ts'
import {interruptible} from './interrupt.ts'
import type {MigrateDependencies, MigrateInput} from './migrator/migrate.ts'
import type {MigratedDatabase, MigrateResult} from './migrator/result.ts'
import {confirmChange} from './prompts.ts'
import type {SettingFlags} from './settings.ts'

/** The values of `changeFlags`. */
type ChangeFlags = SettingFlags &
  Omit<Selection, 'names'> & {
    'max-failures': FailureBudget
    'allow-drift': boolean
    force: boolean
    yes: boolean
    confirm?: string[] | undefined
    stream: boolean
  }

/** What commands share that change databases of the fleet. */
export abstract class FleetCommand extends StratCommand {
  #isStreaming = false

  /** Does a change with what it works with, reports it, and sets the exit code. */
  protected async changeFleet(
    {names = [], run: runId}: {names?: string[] | undefined; run?: string | undefined},
    flags: ChangeFlags,
    change: (dependencies: MigrateDependencies, input: Omit<MigrateInput, 'to'>) => Promise<MigrateResult>,
  ): Promise<MigrateResult> {
    this.#isStreaming = flags.stream
    const {platform, recordingsOf, newRun, pace, market, settings} = await this.context(flags)
    const run = newRun(runId)
    this.#stream({type: 'start', run: run.id, shard: flags.shard ?? null})
    const result = await interruptible(
      () => this.warn('Interrupted: finishing what has begun, cancelling what waits. Once more ends it at once.'),
      (signal) => {
        const onDatabase = (database: MigratedDatabase) => this.#stream({type: 'database', ...database})
        const confirm = (danger: Parameters<typeof confirmChange>[0]) => confirmChange(danger, {yes: flags.yes, confirm: flags.confirm ?? []})
        return change(
          {platform, recordingsOf, run, fleet: {pace, signal}, market, now: () => new Date(), confirm, onProgress: this.onProgress, onDatabase},
          {...flags, names, waves: settings.waves.value, maxFailures: flags['max-failures'], allowDrift: flags['allow-drift']},
        )
      },
    )
    if (result.summary.failed > 0) process.exitCode = 3
    if (result.interrupted) process.exitCode = 130
    return result
  }

  #stream(line: object): void {
    if (this.#isStreaming) process.stdout.write(`${JSON.stringify(line)}\n`)
  }

  override logJson(json: unknown): void {
    if (!this.#isStreaming) return super.logJson(json)
    const {databases: _, ...summary} = json as MigrateResult
    this.#stream({type: 'summary', ...summary})
  }
}
