import {createContext} from '../../src/context.ts'
import type {Delivery} from '../../src/delivery/deliver.ts'
import {createStrategy} from '../../src/strategies/create.ts'
import {parseStrategyName} from '../../src/strategies/name.ts'

/** What `strat create` does, in this process; without a delivery the bot gets no secrets. */
export async function createHere({folder, env}: {folder: string; env: Record<string, string>}, name: string, delivery?: Delivery): Promise<void> {
  const {platform, pendingOf, migrate, chooseTemplate} = await createContext({cwd: folder, env, flags: {}})
  const strategy = parseStrategyName(name)
  const template = await chooseTemplate(strategy, undefined)
  await createStrategy({platform, pendingOf, migrate, delivery, onProgress: () => undefined}, {strategy, template, isTemplateExplicit: false, project: folder})
}
