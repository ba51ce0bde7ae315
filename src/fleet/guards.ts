import {StratError} from '../errors.ts'
import {isMarketOpen, type Market} from './market.ts'

/** Whether a database is traded with real money: what may disturb it waits, and is confirmed. */
export const isProtected = (name: string) => name.startsWith('live-')

/**
 * Lets nothing happen to a protected database while the market is open.
 *
 * @throws StratError GUARD_MARKET_OPEN
 */
export function guardMarket(name: string, market: Market, now: Date): void {
  if (!isProtected(name) || !isMarketOpen(market, now)) return
  throw new StratError('GUARD_MARKET_OPEN', `The market is open until ${market.close} (${market.timeZone}).`, {
    suggestions: ['Run it again when the market is closed, or add --force.'],
  })
}
