import {execFileSync, spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {projectRoot, runStrat, usingFolder} from '../test/helpers/strat.ts'
import {platformToken, usingTursoServer} from '../test/helpers/turso-server.ts'
import type {Figure} from './run.ts'

const store = join(projectRoot, 'templates', 'python')
const rounds = 21

const openCondor = `
from strat_store import Leg, Store
with Store.from_env() as store:
    store.open_position([Leg(f"NIFTY{strike}{kind}", strike, kind, quantity=quantity, entry_price=20.0)
        for strike, kind, quantity in [(24200, "CE", -75), (24400, "CE", 75), (23800, "PE", -75), (23600, "PE", 75)]])
`

/** How fast a bot's store is there, and how many requests its condor and the creation of its database take. */
export async function python(): Promise<Figure[]> {
  const {condor, create} = await countRequests()
  // Not a version manager's script in front of it.
  const interpreter = execFileSync('python3', ['-c', 'import sys; print(sys.executable)']).toString().trim()
  const times = {pass: [] as number[], import: [] as number[]}
  for (let round = 0; round < rounds; round += 1) {
    times.pass.push(timeOf(interpreter, 'pass'))
    times.import.push(timeOf(interpreter, 'import strat_store'))
  }
  const ratio = median(times.import) / median(times.pass)
  const measured = `${ratio.toFixed(2)} (${median(times.import).toFixed(0)} ms / ${median(times.pass).toFixed(0)} ms)`
  return [
    {figure: 'python3 -c "import strat_store" / python3 -c pass', goal: '≤ 3', measured, isMet: ratio <= 3},
    {figure: 'requests to open a four-leg condor', goal: '1', measured: String(condor), isMet: condor === 1},
    {figure: "requests of create on Turso after the API's answer", goal: '≤ 3', measured: String(create), isMet: create <= 3},
  ]
}

async function countRequests(): Promise<{condor: number; create: number}> {
  let counts = {condor: 0, create: 0}
  await usingFolder((cwd) =>
    usingTursoServer(async (turso) => {
      const env = {STRAT_PLATFORM: 'turso', TURSO_API_BASEURL: turso.url, TURSO_API_TOKEN: platformToken, TURSO_ORGANIZATION: 'desk'}
      await runStrat(['create', 'stage-condor', '--secrets', 'dotenv'], {cwd, env})
      const create = turso.requests.length - 1 - turso.requests.indexOf('POST /v1/organizations/desk/databases')
      const {json: bot} = await runStrat(['env', 'stage-condor', '--json'], {cwd, env})
      const before = turso.requests.length
      const child = spawn('python3', ['-c', openCondor], {cwd, env: {...process.env, ...bot, PYTHONPATH: store}, stdio: 'inherit'})
      const [code] = await once(child, 'exit')
      if (code !== 0) throw new Error(`python3 ended with ${code}`)
      counts = {condor: turso.requests.length - before, create}
    }),
  )
  return counts
}

function timeOf(interpreter: string, code: string): number {
  const start = performance.now()
  spawnSync(interpreter, ['-c', code], {env: {...process.env, PYTHONPATH: store}, stdio: 'ignore'})
  return performance.now() - start
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
