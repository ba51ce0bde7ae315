import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {parseShard, type Shard} from './fleet/shard.ts'
import {stages} from './strategies/name.ts'

const helpGroup = 'PLATFORM'

/** The flags of every command that works with a platform. */
export const platformFlags = {
  platform: Flags.string({summary: 'Where the databases are. [env: STRAT_PLATFORM]', options: ['local', 'turso'], helpGroup}),
  organization: Flags.string({summary: 'The Turso organization. [env: TURSO_ORGANIZATION]', helpGroup}),
  group: Flags.string({summary: 'The Turso group of new databases. [env: TURSO_GROUP]', helpGroup}),
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

/** Which databases of the fleet a command is for, and how many of them at once. */
export const selectionFlags = {
  all,
  stage: Flags.option({options: stages, summary: 'Only strategies whose names begin with it; without names, all of them.'})(),
  kind: Flags.option({options: ['strategy', 'archive'] as const, summary: 'Only databases of this kind; without names, all of them.'})(),
  shard: Flags.custom<Shard>({
    summary: 'Only one part of several, by a hash of the names, for jobs that run side by side.',
    helpValue: 'I/N',
    parse: async (text) => parseShard(text),
  })(),
  concurrency: Flags.integer({summary: 'How many databases are worked on at once. [env: STRAT_CONCURRENCY]', min: 1, max: 1000}),
}
