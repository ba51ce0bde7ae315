import {narrowAccess} from './archive/access.ts'
import {archiveFleet} from './archive/archive-fleet.ts'
import type {Context} from './context.ts'
import type {PlatformDatabase} from './platform/platform.ts'
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
    pendingOf,
    createArchive: (name: string) => createArchive(context, name),
    market,
    toolVersion,
    run,
  }
  return {dependencies, archiveFleet}
}

async function createArchive({platform, pendingOf, migrate, chooseTemplate, project}: Context, name: string): Promise<PlatformDatabase> {
  const strategy = parseStrategyName(name)
  const template = await chooseTemplate(strategy, undefined)
  await createStrategy({platform, pendingOf, migrate, onProgress: () => undefined}, {strategy, template, isTemplateExplicit: false, project})
  // `createDatabase` leaves one that is there as it is.
  return (await platform.createDatabase(name)).database
}
