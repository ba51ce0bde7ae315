import {StratError} from '../errors.ts'
import {adoptedBy} from './ledger.ts'

/**
 * The id of a run as `--run` takes it: it stands in ledgers, reports and file names.
 *
 * @throws StratError USAGE
 */
export function parseRunId(text: string): string {
  if (!/^[\w.-]{1,64}$/.test(text)) {
    throw new StratError('USAGE', '--run takes the id of a run: 1 to 64 letters, digits, dots, dashes and underscores.', {suggestions: ['--run 2026-11-22.1']})
  }
  if (!text.startsWith(adoptedBy)) return text
  throw new StratError('USAGE', `${text} is what strat adopt entered, which executed nothing: no run has such an id.`, {
    suggestions: [`Choose an id that does not begin with ${adoptedBy}`],
  })
}
