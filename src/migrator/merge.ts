import {StratError} from '../errors.ts'
import {type Shard, shardName} from '../fleet/shard.ts'
import {readReport} from './read-report.ts'
import type {Drift, MigrateResult} from './result.ts'
import {summarize} from './summarize.ts'

type ShardReport = {file: string; shard: Shard; report: MigrateResult}

/**
 * The result of a whole run, from the reports of all of its shards. `kindRuns` is the most that one shard met.
 *
 * @throws StratError REPORT_INVALID, REPORT_INCOMPLETE where one is missing or tells of no whole run, REPORT_MISMATCH where they do not belong together
 */
export async function mergeReports(files: string[]): Promise<MigrateResult> {
  const reports: ShardReport[] = []
  for (const file of files) reports.push(ofShard(file, await readReport(file)))
  checkTogether(reports)
  const databases = reports.flatMap(({report}) => report.databases).sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    run: reports[0]?.report.run ?? '',
    kindRuns: Math.max(...reports.map(({report}) => report.kindRuns)),
    shard: null,
    databases,
    unmarked: reports.flatMap(({report}) => report.unmarked).sort(),
    drift: mergeDrift(reports.flatMap(({report}) => report.drift)),
    rehearsals: reports.flatMap(({report}) => report.rehearsals),
    warnings: [...new Set(reports.flatMap(({report}) => report.warnings))],
    interrupted: reports.some(({report}) => report.interrupted),
    summary: summarize(databases),
  }
}

function ofShard(file: string, report: MigrateResult): ShardReport {
  if (report.shard) return {file, shard: report.shard, report}
  throw mismatch(`${file} is the report of a whole run already, and not of a shard.`)
}

/** Databases of several shards that differ alike are one class. */
function mergeDrift(drift: Drift[]): Drift[] {
  const alike = Map.groupBy(drift, ({differences}) => JSON.stringify(differences))
  return [...alike.values()].map((parts) => ({databases: parts.flatMap(({databases}) => databases).sort(), differences: parts[0]?.differences ?? []}))
}

function checkTogether(reports: ShardReport[]): void {
  const [first, ...others] = reports
  if (!first) throw new StratError('USAGE', 'There is no report to merge.', {suggestions: ['strat migrate merge shard-*.json']})
  for (const {file, shard, report} of others) {
    if (report.run !== first.report.run) throw mismatch(`${file} is of the run ${report.run}, ${first.file} of ${first.report.run}.`)
    if (shard.count !== first.shard.count) throw mismatch(`${file} is of shard ${shardName(shard)}, ${first.file} of ${shardName(first.shard)}.`)
  }
  checkShards(reports, first.shard.count)
  checkDatabases(reports)
}

function checkShards(reports: ShardReport[], count: number): void {
  const files = new Map<number, string>()
  for (const {file, shard} of reports) {
    const other = files.get(shard.index)
    if (other !== undefined) throw mismatch(`${other} and ${file} are both of shard ${shardName(shard)}.`)
    files.set(shard.index, file)
  }
  const missing = Array.from({length: count}, (_, index) => index + 1).filter((index) => !files.has(index))
  if (missing.length === 0) return
  throw new StratError('REPORT_INCOMPLETE', `The report of shard ${missing.map((index) => shardName({index, count})).join(', ')} is missing.`, {
    suggestions: ['Name the reports of all shards.', `strat migrate --all --shard ${missing[0]}/${count} --run ${reports[0]?.report.run} --json`],
  })
}

function checkDatabases(reports: ShardReport[]): void {
  const files = new Map<string, string>()
  for (const {file, report} of reports) {
    for (const {name} of report.databases) {
      const other = files.get(name)
      if (other !== undefined) throw mismatch(`${name} is in ${other === file ? file : `${other} and ${file}`} twice.`)
      files.set(name, file)
    }
  }
}

const mismatch = (message: string) =>
  new StratError('REPORT_MISMATCH', message, {suggestions: ['Name the reports of one run, one of each shard: strat migrate merge shard-*.json']})
