import {execFileSync} from 'node:child_process'
import {projectRoot} from '../test/helpers/strat.ts'
import type {Figure} from './run.ts'

const limit = 300_000

/** The size of what npm downloads, in bytes. */
export async function packageSize(): Promise<Figure[]> {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {cwd: projectRoot, stdio: ['ignore', 'pipe', 'ignore']}).toString()
  const [packed] = Object.values(JSON.parse(output) as Record<string, {size: number}>)
  const size = packed?.size ?? Number.POSITIVE_INFINITY
  return [{figure: 'packed size of the npm package', goal: '≤ 300 KB', measured: `${(size / 1000).toFixed(0)} KB`, isMet: size <= limit}]
}
