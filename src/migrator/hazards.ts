import type {Statement} from '../database/database.ts'
import type {SchemaObject} from '../database/inspect.ts'

export type Hazards = {rebuilds: string[]; destructive: {statement: number; reason: string}[]}

export const hazardsOf = (_statements: Statement[], _schema: SchemaObject[]): Hazards => ({rebuilds: [], destructive: []})
