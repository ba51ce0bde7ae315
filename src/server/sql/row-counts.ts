import type Database from 'libsql'
import {copySchema, type SchemaCopy} from './schema-copy.ts'
import {type CountPlan, planCounts} from './count-plan.ts'
import {evaluate, type RowCounts} from './evaluate.ts'
import type {Observed} from './flow.ts'
import {flowOf} from './flow-of.ts'

/** What the caller knows of a run. */
export type Run = {rows: number; changes: number; totalChanges: number}

type Counters = Record<'nscan' | 'naidx' | 'nsort' | 'nstep', number>
const zero: Counters = {nscan: 0, naidx: 0, nsort: 0, nstep: 0}

const fromRun: Observed[] = ['one', 'rows', 'changes', 'totalChanges']
const fromAll: Observed[] = [...fromRun, 'pages', 'nscan', 'naidx', 'nsort', 'nstep']

type Analysis = {plan: CountPlan; counted: string[]}

export class RowCounter {
  private readonly analyses = new Map<string, Analysis>()
  private readonly seen = new WeakMap<object, Counters>()
  private readonly counters
  private readonly pageCounter
  private copy: SchemaCopy | undefined
  private readonly database: Database.Database
  constructor(database: Database.Database) {
    this.database = database
    this.counters = database.prepare('SELECT nscan, naidx, nsort, nstep FROM sqlite_stmt WHERE instr(?, sql) = 1 LIMIT 1')
    this.pageCounter = database.prepare("SELECT count(*) FROM dbstat WHERE name = ? AND pagetype <> 'overflow' HAVING sum(ncell) > 0").raw()
  }

  count(statement: object, sql: string, run: Run): RowCounts {
    const analysis = this.analyse(sql)
    if (!analysis) return {rowsRead: 0, rowsWritten: run.totalChanges}
    const {plan, counted} = analysis
    const seen = {...run, one: 1, pages: this.pages(counted), ...(plan.observes === fromAll ? this.read(statement, sql) : zero)}
    return evaluate(plan, plan.observes.map((what) => seen[what]))
  }

  private read(statement: object, sql: string): Counters {
    const now = (this.counters.all(sql)[0] as Counters | undefined) ?? zero
    const before = this.seen.get(statement) ?? zero
    this.seen.set(statement, now)
    return {nscan: now.nscan - before.nscan, naidx: now.naidx - before.naidx, nsort: now.nsort - before.nsort, nstep: now.nstep - before.nstep}
  }

  analyse(sql: string): Analysis | undefined {
    const known = this.analyses.get(sql)
    if (known) return known
    this.copy ??= copySchema(this.database)
    const bytecode = this.copy.explain(sql)
    if (!bytecode) return undefined
    const flow = flowOf(bytecode, this.copy.trees)
    const first = planCounts(flow, fromRun)
    const names = this.copy.trees.names
    const counted = bytecode.flatMap((program) => program.filter(({opcode, p3}) => opcode === 'Count' && p3 === 0).map(({p1}) => names.get(program.find(({opcode: open, p1: cursor}) => open === 'OpenRead' && cursor === p1)?.p2 ?? 0) ?? ''))
    const analysis = {plan: first.certain ? first : planCounts(flow, fromAll), counted}
    this.analyses.set(sql, analysis)
    return analysis
  }

  private pages(names: string[]): number {
    let pages = 0
    for (const name of names) for (const [count] of this.pageCounter.all(name) as number[][]) pages += count ?? 0
    return pages
  }

  forget(): void {
    this.analyses.clear()
    this.copy?.close()
    this.copy = undefined
  }
}
