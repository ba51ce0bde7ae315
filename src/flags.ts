import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {type FailureBudget, parseFailureBudget} from './fleet/failure-budget.ts'
import {parseShard, type Shard} from './fleet/shard.ts'
import {parsePattern} from './fleet/waves.ts'
import {parseRunId} from './migrator/run-id.ts'
import {stages} from './strategies/name.ts'

const helpGroup = 'PLATFORM'

/** The flags of every command that works with a platform. */
export const platformFlags = {
  platform: Flags.string({summary: 'Where the databases are. [env: STRAT_PLATFORM]', options: ['local', 'turso'], helpGroup}),
  organization: Flags.string({summary: 'The Turso organization. [env: TURSO_ORGANIZATION]', helpGroup}),
  group: Flags.string({summary: 'The Turso group of new databases. [env: TURSO_GROUP]', helpGroup}),
}

/** The repository on GitHub whose secrets the bots get. */
export const repo = Flags.string({summary: 'The repository on GitHub whose workflows run the bots. [env: GITHUB_REPOSITORY]', helpValue: 'OWNER/NAME'})

/** Which store of bots' secrets a command works with. */
export const storeFlags = {
  secrets: Flags.option({
    summary: 'Where bots have their secrets: those of GitHub Actions, or files .env.NAME. Default: github where a repository and a sign-in are known.',
    options: ['github', 'dotenv'] as const,
  })(),
  repo,
}

/** Strategies by name, as many as there are. */
export const strategyNames = {
  names: Args.string({name: 'NAME', description: 'Strategies, by name.', ignoreStdin: true, multiple: true}),
}

/** One strategy by name. */
export const strategyName = {
  strategy: Args.string({name: 'NAME', description: "The name of the strategy, which is its database's: stage-condor.", required: true, ignoreStdin: true}),
}

export const all = Flags.boolean({summary: 'Every strategy and archive of the platform.'})

/** Which strategies a command is for, and how many of them at once. */
export const strategyFlags = {
  all,
  stage: Flags.option({options: stages, summary: 'Only strategies whose names begin with it; without names, all of them.'})(),
  shard: Flags.custom<Shard>({
    summary: 'Only one part of several, by a hash of the names, for jobs that run side by side.',
    helpValue: 'I/N',
    parse: async (text) => parseShard(text),
  })(),
  concurrency: Flags.integer({summary: 'How many databases are worked on at once. [env: STRAT_CONCURRENCY]', min: 1, max: 1000}),
}

/** Which databases of the fleet a command is for, archives among them, and how many of them at once. */
export const selectionFlags = {
  ...strategyFlags,
  kind: Flags.option({options: ['strategy', 'archive'] as const, summary: 'Only databases of this kind; without names, all of them.'})(),
}

const driftFlag = {'allow-drift': Flags.boolean({summary: 'Also databases whose schema is not what their ledger says.'})}
const toFlag = {to: Flags.string({summary: 'The last migration to apply.', helpValue: 'MIGRATION'})}

/** What a plan is made for. */
export const planFlags = {...selectionFlags, ...toFlag, ...driftFlag}

/** The id of a run, checked. */
export const runFlag = Flags.custom<string>({helpValue: 'ID', parse: async (text) => parseRunId(text)})

/** What only applying migrations takes. */
export const migrationFlags = {...toFlag, run: runFlag({summary: 'The id of the run, for jobs that share one. Default: a new one.'})}

/** Given again for each value: what comes after one value is the name of a strategy. */
const repeatable = {multiple: true, multipleNonGreedy: true} as const

/** How a change of the fleet goes on: in which order, until when, and what is agreed to beforehand. */
export const changeFlags = {
  ...selectionFlags,
  wave: Flags.string({
    summary: 'Databases that go together, before those of the next --wave: live-*. [default: stage-*, live-*, the rest]',
    helpValue: 'PATTERN',
    parse: async (text) => parsePattern(text),
    ...repeatable,
  }),
  'max-failures': Flags.custom<FailureBudget>({
    summary: 'How many may fail, or which part of those that had their turn, before no further wave begins.',
    helpValue: 'N|P%',
    default: {failures: 0},
    defaultHelp: async () => '0',
    parse: async (text) => parseFailureBudget(text),
  })(),
  ...driftFlag,
  'dry-run': Flags.boolean({summary: 'Show the exact SQL instead of sending it, as strat migrate plan does.'}),
  rehearse: Flags.boolean({summary: 'Rehearse on a copy of one database of each class first, and compare its rows.'}),
  force: Flags.boolean({summary: 'Also live strategies while the market, or their positions, are open. Skips no confirmation.'}),
  yes: Flags.boolean({summary: 'Agree to what drops data.'}),
  confirm: Flags.string({summary: 'Agree to change live strategies: live for all, or names.', helpValue: 'NAME', ...repeatable}),
  stream: Flags.boolean({summary: 'With --json: a line for each database as soon as it is done, then the summary.', dependsOn: ['json']}),
}
