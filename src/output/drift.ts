import {formatDifferences, type SchemaDifference} from '../migrator/schema-diff.ts'
import {plural, someOf} from './text.ts'

/** How the schema of databases differs from what their ledger says, for a person. */
export const formatDrift = (databases: string[], differences: SchemaDifference[]): string =>
  `\n${plural(databases.length, 'database')} drifted (${someOf(databases)}): - as the ledger says, + as it is\n${formatDifferences(differences)}`
