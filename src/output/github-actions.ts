import {appendFile} from 'node:fs/promises'
import {stripVTControlCharacters} from 'node:util'
import {messageOf} from '../errors.ts'
import type {Environment} from '../find-setting.ts'
import {type FleetSummary, fleetSummary} from './job-summary.ts'
import {plural} from './text.ts'

/** GitHub shows no more of one step. */
const mostAnnotations = 10

/**
 * In GitHub Actions, tells of a run where its pages show it: an annotation for each cause of failures, and a job summary.
 * Elsewhere nothing. Where the summary cannot be written, an annotation says so: what was done is done.
 */
export async function reportToGitHubActions(
  command: string,
  summarize: () => FleetSummary,
  {env, stream}: {env: Environment; stream: NodeJS.WritableStream},
): Promise<void> {
  if (env['GITHUB_ACTIONS'] !== 'true') return
  const summary = summarize()
  for (const line of annotations(command, summary)) stream.write(`${line}\n`)
  const file = env['GITHUB_STEP_SUMMARY']
  if (!file) return
  try {
    await appendFile(file, fleetSummary(summary))
  } catch (error) {
    stream.write(`${annotation('warning', command, `The job summary cannot be written: ${messageOf(error)}.`)}\n`)
  }
}

/** The last one stands for all causes that have none of their own. */
function annotations(command: string, {causes, noun}: FleetSummary): string[] {
  const title = (count: number) => `${command}: ${noun ? plural(count, noun) : `${plural(count, 'database')} failed`}`
  const shown = causes.length > mostAnnotations ? causes.slice(0, mostAnnotations - 1) : causes
  const lines = shown.map(({reason, count, example}) => annotation('error', `${title(count)}, as in ${example}`, reason))
  const others = causes.slice(shown.length)
  if (others.length === 0) return lines
  const count = others.reduce((sum, cause) => sum + cause.count, 0)
  return [...lines, annotation('error', title(count), `For ${others.length} more causes: see the job summary.`)]
}

/** A workflow command, escaped as GitHub's runner reads it back (actions/toolkit, packages/core/src/command.ts). */
function annotation(level: 'error' | 'warning', title: string, message: string): string {
  return `::${level} title=${escapeProperty(title)}::${escapeData(message)}`
}

const escapeData = (text: string) => stripVTControlCharacters(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const escapeProperty = (text: string) => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
