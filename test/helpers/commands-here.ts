import {createContext} from '../../src/context.ts'
import type {Delivery} from '../../src/delivery/deliver.ts'
import type {PrepareArchiving} from '../../src/strategies/archive-all.ts'
import {createStrategy} from '../../src/strategies/create.ts'
import {type DestroyedStrategy, destroyStrategy} from '../../src/strategies/destroy.ts'
import {parseStrategyName} from '../../src/strategies/name.ts'

type Place = {folder: string; env: Record<string, string>}

/** What `strat create` does, in this process; without a delivery the bot gets no secrets. */
export async function createHere({folder, env}: Place, name: string, delivery?: Delivery): Promise<void> {
  const {platform, pendingOf, migrate, chooseTemplate} = await createContext({cwd: folder, env, flags: {}})
  const strategy = parseStrategyName(name)
  const template = await chooseTemplate(strategy, undefined)
  await createStrategy({platform, pendingOf, migrate, delivery, onProgress: () => undefined}, {strategy, template, isTemplateExplicit: false, project: folder})
}

/** What `strat destroy` does; with a delivery into another store than a file, without the waits between two writes to it. */
export async function destroyHere({folder, env}: Place, name: string, delivery?: Delivery): Promise<DestroyedStrategy> {
  const {platform, openDelivery, openArchiving} = await createContext({cwd: folder, env, flags: {}})
  const {prepareEverything} = await openArchiving()
  const prepareArchiving: PrepareArchiving = (database) => prepareEverything(database, {into: undefined, onProgress: () => undefined})
  const deliveries = [delivery ?? (await openDelivery('dotenv'))]
  return destroyStrategy({platform, deliveries, prepareArchiving}, {name, discardTrades: false, force: false})
}
