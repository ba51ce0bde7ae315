import type {FailureBudget} from './fleet/failure-budget.ts'
import type {Selection} from './fleet/select.ts'
import {shardName} from './fleet/shard.ts'
import {interruptible} from './interrupt.ts'
import {MigrateCommand} from './migrate-command.ts'
import {changeFleet} from './migrator/change-fleet.ts'
import type {Danger} from './migrator/danger.ts'
import type {MigrateDependencies} from './migrator/migrate.ts'
import {describePlan, type PlanResult, wouldFail} from './migrator/plan-fleet.ts'
import type {PreparedFleet} from './migrator/prepare.ts'
import {rehearseOnForks} from './migrator/rehearse-on-forks.ts'
import type {MigratedDatabase, MigrateResult} from './migrator/result.ts'
import {formatPlan} from './output/plan.ts'
import {plural, someOf} from './output/text.ts'
import {confirmChange} from './prompts.ts'
import type {SettingFlags} from './settings.ts'

type PlanFlags = SettingFlags & Omit<Selection, 'names'>

/** The values of `changeFlags`. */
type ChangeFlags = PlanFlags & {
  'dry-run': boolean
  'max-failures': FailureBudget
  rehearse: boolean
  force: boolean
  yes: boolean
  confirm?: string[] | undefined
  stream: boolean
}

/** Reads and plans a fleet for a command. */
type Prepare = (dependencies: MigrateDependencies, selection: Selection) => Promise<PreparedFleet>

/** What a command names: databases, and the run if it has an id already; and whether it takes that run back. */
type Named = {names?: string[] | undefined; run?: string | undefined; isUndo?: boolean}

/** What commands share that change databases of the fleet. */
export abstract class FleetCommand extends MigrateCommand {
  #isStreaming = false

  /** Shows what a change would do, class by class. */
  protected async planFleet({names = [], run}: Named, flags: PlanFlags, prepare: Prepare): Promise<PlanResult> {
    const {platform, recordingsOf, newRun, pace} = await this.context(flags)
    const prepared = await prepare({platform, recordingsOf, run: newRun(run), fleet: {pace}, onProgress: this.onProgress}, {...flags, names})
    const plan = describePlan(prepared)
    if (plan.classes.length > 0) this.log(plan.classes.map(formatPlan).join('\n\n'))
    else this.logNext(flags.shard ? `No database is in shard ${shardName(flags.shard)}.` : 'No database is ours.')
    for (const {name, reason} of plan.failed) this.warn(`${name}: ${reason}`)
    if (plan.unmarked.length > 0) this.warn(`${plural(plan.unmarked.length, 'database')} not made by strat left alone: ${someOf(plan.unmarked)}`)
    if (wouldFail(plan)) process.exitCode = 3
    return plan
  }

  /** Does a change, reports it, and sets the exit code; with `--dry-run` only shows it. */
  protected async changeFleet(named: Named, flags: ChangeFlags, prepare: Prepare): Promise<MigrateResult | PlanResult> {
    if (flags['dry-run']) return this.planFleet(named, flags, prepare)
    this.#isStreaming = flags.stream
    const {platform, recordingsOf, newRun, pace, market, settings} = await this.context(flags)
    const run = newRun(named.run)
    const result = await interruptible(
      () => this.warn('Interrupted: finishing what has begun, cancelling what waits. Once more ends it at once.'),
      async (signal) => {
        // Whoever reads it may send the first signal because of it.
        this.#stream({type: 'start', run: run.id, shard: flags.shard ?? null})
        const dependencies = {platform, recordingsOf, run, fleet: {pace, signal}, onProgress: this.onProgress}
        const prepared = await prepare(dependencies, {...flags, names: named.names ?? []})
        return changeFleet(
          {
            ...dependencies,
            market,
            now: () => new Date(),
            rehearseOnForks: flags.rehearse ? (fleet) => rehearseOnForks(dependencies, fleet) : undefined,
            confirm: (danger: Danger) => {
              for (const {migration, reason} of danger.destructive) this.warn(`${migration} ${reason}`)
              this.clearProgress()
              return confirmChange(danger, {yes: flags.yes, confirm: flags.confirm ?? []})
            },
            onDatabase: (database: MigratedDatabase) => this.#stream({type: 'database', ...database}),
          },
          prepared,
          {shard: flags.shard, waves: settings.waves.value, maxFailures: flags['max-failures'], force: flags.force},
        )
      },
    )
    return this.report(result, {isUndo: named.isUndo})
  }

  #stream(line: object): void {
    if (this.#isStreaming) process.stdout.write(`${JSON.stringify(line)}\n`)
  }

  override logJson(json: unknown): void {
    if (this.#isStreaming) this.#streamSummary(json as MigrateResult)
    else super.logJson(json)
  }

  #streamSummary({databases: _, ...summary}: MigrateResult): void {
    this.#stream({type: 'summary', ...summary})
  }
}
