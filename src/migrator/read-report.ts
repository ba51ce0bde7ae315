import {readFile} from 'node:fs/promises'
import {hasCode, messageOf, StratError} from '../errors.ts'
import {type Shard, shardName} from '../fleet/shard.ts'
import type {MigrateResult} from './result.ts'
import {summarize} from './summarize.ts'

/**
 * Reads what one run of `strat migrate` wrote to its stdout with `--json`, with or without `--stream`.
 *
 * @throws StratError REPORT_INVALID; REPORT_INCOMPLETE where the run itself ended with an error, or was stopped before its end
 */
export async function readReport(file: string): Promise<MigrateResult> {
  const parsed = parseReport(file, await readText(file))
  const {checkReport} = await import('./report-schema.ts')
  const {report, problem} = checkReport(parsed)
  if (!report) throw invalid(file, problem ? `${problem} is not as strat migrate writes it` : 'it is no report')
  const {applied, current, skipped, failed} = summarize(report.databases)
  const {summary} = report
  const agrees = applied === summary.applied && current === summary.current && skipped === summary.skipped && failed === summary.failed
  if (!agrees) throw invalid(file, 'its summary counts other databases than it holds')
  return report
}

async function readText(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw invalid(file, hasCode(error, 'ENOENT') ? 'there is no such file' : messageOf(error))
  }
}

function parseReport(file: string, text: string): unknown {
  if (text === '') throw incomplete(file, undefined, 'it is empty')
  const lines = text.split('\n')
  if (isEvent(parse(lines[0]))) return parseStream(file, lines)
  const report = parse(text)
  if (report === undefined) throw invalid(file, 'it is not JSON, or was cut off')
  refuseError(file, undefined, report)
  return report
}

/** Lines of JSON: the start with the shard, each database, the summary. An error is the last, and takes several lines. */
function parseStream(file: string, lines: string[]): unknown {
  const events: Event[] = []
  for (const [index, line] of lines.entries()) {
    const event = parse(line) ?? parse(lines.slice(index).join('\n'))
    refuseError(file, events[0]?.shard, event)
    if (!isEvent(event)) {
      if (index === lines.length - 1) break
      throw invalid(file, `line ${index + 1} is not as strat migrate writes it`)
    }
    events.push(event)
  }
  const summary = events.at(-1)
  if (summary?.type !== 'summary') throw incomplete(file, events[0]?.shard, 'it was stopped before its end')
  return {...summary, databases: events.filter(({type}) => type === 'database')}
}

type Event = {type: string; shard?: Shard | null}
const isEvent = (value: unknown): value is Event => typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

function parse(text = ''): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refuseError(file: string, shard: Shard | null | undefined, report: unknown): void {
  const {error} = (report ?? {}) as {error?: {message?: unknown}}
  if (error) throw incomplete(file, shard, `it ended with an error: ${messageOf(error.message)}`)
}

const invalid = (file: string, reason: string) =>
  new StratError('REPORT_INVALID', `${file} is no report of strat migrate --json: ${reason}.`, {
    suggestions: ['strat migrate --all --shard 1/4 --run ID --json > shard-1.json'],
  })

const incomplete = (file: string, shard: Shard | null | undefined, reason: string) =>
  new StratError('REPORT_INCOMPLETE', `${shard ? `Shard ${shardName(shard)} (${file})` : file} tells of no whole run: ${reason}.`, {
    suggestions: ['Run this shard again, with the same --run: what is done is not done twice.'],
  })
