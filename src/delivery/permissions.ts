import {StratError} from '../errors.ts'
import type {Permission} from '../platform/platform.ts'

/**
 * What a strategy's bot may do. Never nothing: an empty list would be a token that may do everything, on some servers.
 *
 * @throws StratError PERMISSIONS_UNKNOWN
 */
export function requirePermissions(name: string, template: string, permissions: Permission[]): Permission[] {
  if (permissions.length > 0) return permissions
  throw new StratError('PERMISSIONS_UNKNOWN', `The template ${template} of ${name} is gone or allows nothing, so no token can be made for its bot.`, {
    suggestions: ['Bring the template back: strat.config.ts names the folder.', `strat env ${name} --read-only`],
  })
}
