import {StratError} from '../errors.ts'
import type {Market} from './market.ts'

/** Whether a database is traded with real money: what may disturb it waits, and is confirmed. */
export const isProtected = (name: string) => name.startsWith('live-')

/** The error for a protected database that is not changed while its market is open. */
export const marketOpen = ({close, timeZone}: Market) =>
  new StratError('GUARD_MARKET_OPEN', `The market is open until ${close} (${timeZone}).`, {
    suggestions: ['Run it again when the market is closed, or add --force.'],
  })
