import {join} from 'node:path'
import {usingDev} from '../test/helpers/dev.ts'
import {runStrat} from '../test/helpers/strat.ts'
import {runBuilt, type Taken, usingFastFolder} from './fleet-process.ts'
import {writeSealed} from './sealed-archive.ts'

/** What verifying and exporting take over HTTP where each position came in a batch of its own, as they do night by night. */
export async function archiveOfNights(rows: number, latencyMs: number): Promise<Record<'verify' | 'csv' | 'parquet', Taken>> {
  return usingFastFolder(async (folder) => {
    const name = 'trade-logs-archive'
    const {code, stderr} = await runStrat(['create', name, '--template', 'archive', '--secrets', 'none'], {cwd: folder})
    if (code !== 0) throw new Error(stderr)
    writeSealed(join(folder, '.strat', `${name}.db`), {positions: rows / 8})
    const results: Record<'verify' | 'csv' | 'parquet', Taken>[] = []
    await usingDev(folder, ['--latency', String(latencyMs)], async (dev) => {
      const run = (...args: string[]) => runBuilt(['archive', ...args, '--json'], {cwd: folder, env: dev.variables()})
      const exported = (format: string) => run('export', '--from', '2020-01-01', '--to', '2099-12-31', '--format', format, '--out', format)
      results.push({verify: await run('verify'), csv: await exported('csv'), parquet: await exported('parquet')})
    })
    const [result] = results
    if (!result) throw new Error('Nothing was measured')
    return result
  })
}
