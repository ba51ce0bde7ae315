import type {Statement} from '../database/database.ts'
import type {DatabaseState} from '../database/inspect.ts'
import {insertMarker} from '../database/marker.ts'
import {StratError} from '../errors.ts'
import type {CreateInput} from './create.ts'
import type {Capital} from './template.ts'

/** @throws StratError USAGE where more may be lost in a day than there is */
export function checkCapital({capitalAllocated = 0, dailyStopLoss = 0}: Partial<Capital>): void {
  if (dailyStopLoss <= capitalAllocated) return
  throw new StratError('USAGE', `A daily stop loss of ${dailyStopLoss} is more than the capital of ${capitalAllocated}.`, {
    suggestions: ['Choose a smaller --stop-loss or a larger --capital.'],
  })
}

/** What makes a migrated database a strategy: its marker, and the first capital row. */
export function completionOf(state: DatabaseState, {strategy: {name, kind}, template, capital}: CreateInput): Statement[] {
  if (state.marker) return []
  const marker = insertMarker({strategy: name, kind, template: template.name, createdAt: new Date().toISOString()})
  return template.capital ? [marker, insertCapital({...template.capital, ...capital})] : [marker]
}

/** Numbers travel as text: a server's JSON parser changes the last place of some (measured on sqld). */
const insertCapital = ({capitalAllocated, freeMargin, dailyStopLoss}: Capital): Statement => ({
  sql: `INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss)
    VALUES (CAST(? AS REAL), CAST(? AS REAL), CAST(? AS REAL))`,
  args: [capitalAllocated, freeMargin, dailyStopLoss].map(String),
})
