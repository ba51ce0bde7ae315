import {spawnSync} from 'node:child_process'
import {bin, usingFolder} from '../test/helpers/strat.ts'
import type {Figure} from './run.ts'

const rounds = 41

/** How long commands take to start, as multiples of `node -e 0`: medians, all of them taken in turn. */
export async function startup(): Promise<Figure[]> {
  const figures: Figure[] = []
  await usingFolder(async (folder) => {
    const run = (...args: string[]) => spawnSync(process.execPath, args, {cwd: folder, stdio: 'ignore'})
    for (let index = 0; index < 10; index++) run(bin, 'create', `stage-s${index}`)
    const cases = {node: ['-e', '0'], version: [bin, '--version'], list: [bin, 'list'], help: [bin, 'create', '--help'], migrate: [bin, 'migrate', '--all']}
    const times = Object.fromEntries(Object.keys(cases).map((name) => [name, [] as number[]]))
    for (let round = 0; round < rounds; round++) {
      for (const [name, args] of Object.entries(cases)) {
        const start = performance.now()
        run(...args)
        times[name]?.push(performance.now() - start)
      }
    }
    const ms = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]))
    const ratio = (name: string) => (ms[name] ?? 0) / (ms['node'] ?? 1)
    const figure = (name: string, text: string, goal: number): Figure => ({
      figure: text,
      goal: Number.isFinite(goal) ? `≤ ${goal}` : 'report',
      measured: `${ratio(name).toFixed(2)} (${ms[name]?.toFixed(0)} ms / ${ms['node']?.toFixed(0)} ms)`,
      isMet: ratio(name) <= goal,
    })
    figures.push(
      figure('version', 'strat --version / node -e 0', 1.5),
      figure('list', 'strat list, 10 strategies / node -e 0', 3),
      figure('help', 'strat create --help / node -e 0', Number.POSITIVE_INFINITY),
      figure('migrate', 'strat migrate --all, 10 current / node -e 0', Number.POSITIVE_INFINITY),
    )
  })
  return figures
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
