import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'

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
