import {join} from 'node:path'
import {usingFile} from './database.ts'
import {runStrat} from './strat.ts'

/** The file of a database of the local platform. */
export const databaseFile = (folder: string, name: string) => join(folder, '.strat', `${name}.db`)

/** Makes strategies with the migrations that the project has now: the first by `strat create`, the others as copies with markers of their own. */
export async function makeFleet(folder: string, [first = '', ...others]: string[]): Promise<void> {
  const {code, stderr} = await runStrat(['create', first, '--secrets', 'none'], {cwd: folder})
  if (code !== 0) throw new Error(stderr)
  for (const name of others) await copyStrategy(folder, first, name)
}

/** Makes a strategy out of another one, with its rows and its ledger. */
export async function copyStrategy(folder: string, from: string, name: string): Promise<void> {
  await usingFile(databaseFile(folder, from), (client) => client.execute(`VACUUM INTO '${databaseFile(folder, name)}'`))
  await usingFile(databaseFile(folder, name), (client) => client.execute(`UPDATE strat_meta SET strategy = '${name}'`))
}

/** What a leg of an open position adds. */
export const openLeg = (id: string) =>
  `INSERT INTO active_positions (id, symbol, strike, option_type, quantity, entry_price) VALUES ('${id}', 'NIFTY', 22000, 'CE', 50, 101.5)`
