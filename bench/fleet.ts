import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {initial, migration, ownMigrations, writeFiles} from '../test/helpers/files.ts'
import {runStrat} from '../test/helpers/strat.ts'
import {capacityOf} from './fleet-capacity.ts'
import {type FleetServer, runOnFleet, runRival, type Taken, usingFastFolder, usingFleetServer} from './fleet-process.ts'
import type {RivalInput} from './fleet-rival.ts'
import type {Figure} from './run.ts'

const latencyMs = 20
/** So few that they wait for the way over the net and not for this machine, whose cores server and client share: at 32 two cores are busy throughout. */
const concurrency = '16'
const rounds = 3

/** How fast `strat migrate --all` is over a fleet on hosts of their own, next to others on the same server, and how much memory it takes. */
export const fleet = (): Promise<Figure[]> =>
  usingFastFolder(async (folder) => {
    const project = await makeProject(folder)
    const memory = [await nothingToDo(project, 1000), await nothingToDo(project, 10_000)]
    await writeFiles(folder, more)
    const {figures, survey} = await speed(project)
    const capacity = await usingFleetServer({template: project.template, databases: 100, isShared: true, latencyMs: 0}, (server) => capacityOf(server, survey))
    return [...figures, ...memoryFigures(memory), capacity]
  })

type Project = {folder: string; template: string}

const more = ownMigrations({
  '0002_notes.ts': migration('ALTER TABLE trade_logs ADD COLUMN note TEXT', 'UPDATE trade_logs SET note = symbol WHERE pnl > 0'),
  '0003_index.ts': migration('CREATE INDEX trade_logs_symbol ON trade_logs (symbol)'),
  '0004_fees.ts': migration('CREATE TABLE fees (trade TEXT PRIMARY KEY, amount REAL NOT NULL)', 'INSERT INTO fees SELECT id, 0 FROM trade_logs'),
})

/** A project and one database of it, of which the fleets are made. */
async function makeProject(folder: string): Promise<Project> {
  await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
  const {code, stderr} = await runStrat(['create', 'stage-template'], {cwd: folder})
  if (code !== 0) throw new Error(stderr)
  return {folder, template: join(folder, '.strat', 'stage-template.db')}
}

const migrateAll = (atOnce = concurrency) => ['migrate', '--all', '--json', '--concurrency', atOnce]

function nothingToDo({folder, template}: Project, databases: number): Promise<Taken> {
  return usingFleetServer({template, databases, isShared: true, latencyMs}, async (server) => {
    const taken = await runOnFleet(migrateAll('64'), server, {cwd: folder})
    const {summary} = JSON.parse(taken.stdout)
    if (summary.current !== databases) throw new Error(JSON.stringify(summary))
    return taken
  })
}

function memoryFigures([small, large]: Taken[]): Figure[] {
  const [most, least] = [large?.megabytes ?? Number.NaN, small?.megabytes ?? Number.NaN]
  return [
    {figure: 'fleet: 10,000 databases, nothing to do: memory at most', goal: '≤ 200 MB', measured: `${most.toFixed(0)} MB`, isMet: most <= 200},
    {
      figure: 'fleet: growth of it between 1,000 and 10,000',
      goal: '< 30 MB',
      measured: `${(most - least).toFixed(0)} MB (from ${least.toFixed(0)} MB)`,
      isMet: most - least < 30,
    },
  ]
}

/** Three migrations on 1,000 databases, by each of the three in turn on a fleet as it was before. */
async function speed(project: Project): Promise<{figures: Figure[]; survey: string}> {
  const times = {strat: [] as number[], fetch: [] as number[], kysely: [] as number[]}
  let requests = 0
  let survey = ''
  for (let round = 0; round < rounds; round++) {
    const pipelines = await usingFresh(project, async (server) => {
      times.strat.push((await runOnFleet(migrateAll(), server, {cwd: project.folder})).ms)
      return server.pipelines()
    })
    requests = pipelines.length / databases
    survey = pipelines[0]?.body ?? ''
    const rival = (mode: 'fetch' | 'kysely') =>
      usingFresh(project, async (server) => {
        const input: RivalInput = {databases: server.databases, pipelines, migrations: join(project.folder, 'migrations')}
        await writeFile(join(project.folder, 'rival.json'), JSON.stringify(input))
        times[mode].push((await runRival([mode, join(project.folder, 'rival.json'), concurrency])).ms)
      })
    await rival('fetch')
    await rival('kysely')
  }
  const [strat, fetch, kysely] = [median(times.strat), median(times.fetch), median(times.kysely)]
  const compare = (text: string, other: number, goal: number): Figure => ({
    figure: `fleet: 1,000 databases, three migrations, ${latencyMs} ms, ${concurrency} at once: strat / ${text}`,
    goal: `≤ ${goal}`,
    measured: `${(strat / other).toFixed(2)} (${strat.toFixed(0)} ms / ${other.toFixed(0)} ms)`,
    isMet: strat / other <= goal,
  })
  const figures = [
    {figure: 'fleet: requests per database, three migrations', goal: '2', measured: String(requests), isMet: requests === 2},
    compare('the same requests by fetch', fetch, 1.25),
    compare("Kysely's Migrator", kysely, 0.2),
  ]
  return {figures, survey}
}

const databases = 1000

const usingFresh = <T>({template}: Project, use: (server: FleetServer) => Promise<T>) =>
  usingFleetServer({template, databases, isShared: false, latencyMs}, use)

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
