import {narrowAccess} from './archive/access.ts'
import {prepareEverything} from './archive/archive-everything.ts'
import {archiveFleet} from './archive/archive-fleet.ts'
import {type DateRange, financialYear} from './archive/date-range.ts'
import {explainStrategy} from './archive/explain-strategy.ts'
import {type ExportFormat, exportArchive} from './archive/export-archive.ts'
import {usingArchive} from './archive/using-archive.ts'
import {verifyArchive} from './archive/verify-archive.ts'
import type {Context} from './context.ts'
import {StratError} from './errors.ts'
import type {PlatformDatabase} from './platform/platform.ts'
import type {OnProgress} from './progress.ts'
import {createStrategy} from './strategies/create.ts'
import {isArchiveName, parseStrategyName} from './strategies/name.ts'

/** The use cases of archiving, and what they work with. */
export type OpenedArchiving = Awaited<ReturnType<typeof openArchiving>>

/** Puts together what archives trades. It has a module to itself, which no other command waits for. */
export async function openArchiving(context: Context) {
  const {platform, settings, market, pendingOf, newRun} = context
  const {id: run, stratVersion: toolVersion} = newRun()
  const isLocal = settings.platform.value === 'local'
  const dependencies = {
    platform,
    access: narrowAccess(platform, {isLocal}),
    isArchiveName,
    checkName: parseStrategyName,
    pendingOf,
    createArchive: (name: string) => createArchive(context, name),
    market,
    toolVersion,
    run,
  }
  return {
    dependencies,
    archiveFleet,
    explainStrategy,
    verifyArchive: ({name, head, onProgress}: {name: string | undefined; head: string | undefined; onProgress: OnProgress}) =>
      usingArchive(dependencies, name, (archive) => verifyArchive({archive, onProgress}, {head})),
    exportArchive: async ({name, days, format, out = `trades-${days.fy ?? `${days.from}-${days.to}`}`, ...running}: ExportRequest) => {
      const range = rangeOf(days, settings['market.financialYearStart'].value)
      const input = {range, timeZone: market.timeZone, format, out}
      return {...(await usingArchive(dependencies, name, (archive) => exportArchive({archive, stratVersion: toolVersion, ...running}, input))), out}
    },
    /** What `destroyStrategy` wants. */
    prepareEverything: (database: PlatformDatabase, {into, onProgress}: {into: string | undefined; onProgress: OnProgress}) =>
      prepareEverything({...dependencies, onProgress}, {database, into}),
  }
}

type ExportRequest = {
  name: string | undefined
  days: {fy: string | undefined; from: string | undefined; to: string | undefined}
  format: ExportFormat
  out: string | undefined
  onProgress: OnProgress
  signal: AbortSignal
}

function rangeOf({fy, from, to}: ExportRequest['days'], firstMonth: number): DateRange {
  if (fy !== undefined) return financialYear(fy, {firstMonth})
  if (from !== undefined && to !== undefined) return {from, to}
  throw new StratError('USAGE', 'Which days are to be exported is not said.', {suggestions: ['--fy 2025-26', '--from 2026-01-01 --to 2026-03-31']})
}

async function createArchive({platform, pendingOf, migrate, chooseTemplate, project}: Context, name: string): Promise<PlatformDatabase> {
  const strategy = parseStrategyName(name)
  const template = await chooseTemplate(strategy, undefined)
  await createStrategy({platform, pendingOf, migrate, onProgress: () => undefined}, {strategy, template, isTemplateExplicit: false, project})
  // `createDatabase` leaves one that is there as it is.
  return (await platform.createDatabase(name)).database
}
