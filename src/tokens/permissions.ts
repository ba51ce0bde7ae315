import type {Delivery} from '../delivery/deliver.ts'
import {StratError} from '../errors.ts'
import type {Permission} from '../platform/platform.ts'

/**
 * What a strategy's template lets its bot do. An empty list would be a token that may do everything, on some servers.
 *
 * @throws StratError PERMISSIONS_UNKNOWN
 */
export async function requirePermissions({permissionsOf}: Pick<Delivery, 'permissionsOf'>, name: string, template: string): Promise<Permission[]> {
  const permissions = await permissionsOf(template)
  if (permissions.length > 0) return permissions
  throw new StratError('PERMISSIONS_UNKNOWN', `The template ${template} of ${name} is gone or allows nothing, so no token can be made for its bot.`, {
    suggestions: ['Bring the template back: strat.config.ts names the folder.'],
  })
}
