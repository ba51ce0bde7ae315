import type {LibsqlDatabase, LibsqlStatement} from '../sql/libsql.ts'
import type {Bytecode} from './bytecode.ts'
import {type CountPlan, planCounts} from './count-plan.ts'
import type {Observed} from './flow.ts'
import {flowOf} from './flow-of.ts'
import {guess, sumOf} from './guess.ts'
import {copySchema, type SchemaCopy} from './schema-copy.ts'

/** What sqld reports of each statement, from libSQL's LIBSQL_STMTSTATUS_ROWS_READ and LIBSQL_STMTSTATUS_ROWS_WRITTEN. */
export type RowCounts = {rowsRead: number; rowsWritten: number}

/** What a caller sees of a run: its result rows, changes() after it, and what total_changes() grew by. */
export type Run = {rows: number; changes: number; totalChanges: number}

type Counters = Record<'nscan' | 'naidx' | 'nsort' | 'nstep', number>
/** The most unknowns that are solved for: beyond, in statements that nobody writes by hand, that takes longer than to run them. */
const mostUnknowns = 200

/** How many statements are remembered; callers that write values into their SQL never run one twice. */
const mostAnalyses = 1000

type Analysis = {plan: CountPlan; counters: boolean; countedTrees: string[]} | 'not compiled' | 'too large'

const ofRun = ['one', 'rows', 'changes', 'totalChanges'] as const satisfies Observed[]
const ofAll = [...ofRun, 'pages', 'nscan', 'naidx', 'nsort', 'nstep'] as const satisfies Observed[]
const noCounters: Counters = {nscan: 0, naidx: 0, nsort: 0, nstep: 0}

/**
 * Works out what the statements of one connection read and wrote, as libSQL's virtual machine counts it, from their bytecode and what shows of a run.
 * Exact for look-ups, inserts, updates and deletes by key, for many rows as VALUES or JSON, and for full scans: there the flow of the program leaves one
 * answer. Where several ways through it look the same from outside (two filters on a range, windows, triggers), it is the likeliest one, such as
 * that all rounds of a loop go the same way.
 * Measured on a text seen before: 3 to 5 µs for a look-up or an insert by key, 30 to 50 µs where SQLite's counters are read too (scans, ranges, updates,
 * deletes), up to 20 ms where much has to be guessed (groups of a large table, a condition on each column). A text not seen before takes 1 to 5 ms.
 */
export class RowCounter {
  private readonly database: LibsqlDatabase
  private readonly analyses = new Map<string, Analysis>()
  private readonly before = new WeakMap<object, Counters>()
  private readonly readCounters: LibsqlStatement
  private readonly countPages: LibsqlStatement
  private copy: SchemaCopy | undefined

  constructor(database: LibsqlDatabase) {
    this.database = database
    // The text that SQLite keeps ends with the statement, without a comment after it; of statements of one text, the newest comes first.
    this.readCounters = database.prepare('SELECT nscan, naidx, nsort, nstep, max(length(sql)) FROM sqlite_stmt WHERE instr(?, sql) = 1').safeIntegers(false)
    // OP_Count counts pages; it stops at the root of an empty tree, and does not visit overflow pages.
    this.countPages = database.prepare("SELECT count(*) FROM dbstat WHERE name = ? AND pagetype <> 'overflow' HAVING sum(ncell) > 0").safeIntegers(false).raw()
  }

  /**
   * What a run of a statement read and wrote. `statement` is what ran, the newest with that text, and just now to its end; one that failed, or was counted
   * neither now nor before, must be prepared anew before it is counted.
   */
  count(statement: object, sql: string, run: Run): RowCounts {
    const analysis = this.analyse(sql)
    // EXPLAIN itself reads and writes nothing.
    if (analysis === 'not compiled') return {rowsRead: 0, rowsWritten: run.totalChanges}
    if (analysis === 'too large') return {rowsRead: run.rows, rowsWritten: run.totalChanges}
    const {plan} = analysis
    const seen = {one: 1, ...run, pages: this.pagesOf(analysis.countedTrees), ...(analysis.counters ? this.countersOf(statement, sql) : noCounters)}
    const observed = Float64Array.from(plan.observes, (what) => seen[what])
    const guessed = plan.most.length > 0 ? guess(plan, observed) : []
    const [rowsRead = 0, rowsWritten = 0] = [plan.read, plan.written].map((sum) =>
      Math.max(0, Math.round(sumOf(sumOf(0, sum.observed, observed), sum.guessed, guessed))),
    )
    return {rowsRead, rowsWritten}
  }

  /** Forgets what statements compile to: to be called when the schema, its statistics or a pragma that changes bytecode may have changed. */
  forget(): void {
    this.analyses.clear()
    this.copy?.close()
    this.copy = undefined
  }

  private analyse(sql: string): Analysis {
    const known = this.analyses.get(sql)
    if (known) return known
    this.copy ??= copySchema(this.database)
    const analysis = analyse(sql, this.copy)
    if (this.analyses.size >= mostAnalyses) this.analyses.clear()
    this.analyses.set(sql, analysis)
    return analysis
  }

  private countersOf(statement: object, sql: string): Counters {
    const now = (this.readCounters.all([sql])[0] as unknown as Counters | undefined) ?? noCounters
    const {nscan, naidx, nsort, nstep} = this.before.get(statement) ?? noCounters
    this.before.set(statement, now)
    return {nscan: now.nscan - nscan, naidx: now.naidx - naidx, nsort: now.nsort - nsort, nstep: now.nstep - nstep}
  }

  private pagesOf(trees: string[]): number {
    return trees.flatMap((name) => this.countPages.all([name]) as number[][]).reduce((total, [pages = 0]) => total + pages, 0)
  }
}

function analyse(sql: string, copy: SchemaCopy): Analysis {
  const bytecode = copy.explain(sql)
  if (!bytecode) return 'not compiled'
  const flow = flowOf(bytecode, copy.trees)
  if (flow.unknowns.length > mostUnknowns) return 'too large'
  const simple = planCounts(flow, ofRun)
  return {plan: simple.certain ? simple : planCounts(flow, ofAll), counters: !simple.certain, countedTrees: countedTrees(bytecode, copy)}
}

/** The names of the trees whose entries a statement counts with OP_Count. */
function countedTrees(bytecode: Bytecode, {trees}: SchemaCopy): string[] {
  return bytecode.flatMap((program) =>
    program
      .filter(({opcode, p3}) => opcode === 'Count' && p3 === 0)
      .flatMap(({p1}) => trees.names.get(program.find((op) => op.opcode === 'OpenRead' && op.p1 === p1)?.p2 ?? 0) ?? []),
  )
}
