import {formatDifferences, type SchemaDifference} from '../migrator/schema-diff.ts'
import {plural, someOf} from './text.ts'

/** Whose schema is not what their ledger says, and how to read what follows. */
export const driftTitle = (databases: string[]) => `${plural(databases.length, 'database')} drifted (${someOf(databases)}): - as the ledger says, + as it is`

/** How the schema of databases differs from what their ledger says, for a person. */
export const formatDrift = (databases: string[], differences: SchemaDifference[]): string => `\n${driftTitle(databases)}\n${formatDifferences(differences)}`
