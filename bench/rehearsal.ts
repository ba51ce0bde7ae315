import {initial, migration, ownMigrations, writeFiles} from '../test/helpers/files.ts'
import {runStrat, usingFolder} from '../test/helpers/strat.ts'
import type {Figure} from './run.ts'

const count = 50
const rounds = 5

/** What it takes to record and rehearse many migrations for one class: a plan of them, less a plan of none. */
export async function rehearsal(): Promise<Figure[]> {
  const times = {none: [] as number[], all: [] as number[]}
  await usingFolder(async (folder) => {
    const plan = async (pending: number) => {
      const start = performance.now()
      const {json, stderr} = await runStrat(['migrate', 'plan', '--all', '--json'], {cwd: folder})
      const planned = json.classes?.[0]?.migrations?.length
      if (planned !== pending) throw new Error(`${planned} migrations are planned: ${stderr}`)
      return performance.now() - start
    }
    await writeFiles(folder, ownMigrations({'0001_initial.ts': initial}))
    await runStrat(['create', 'stage-condor'], {cwd: folder})
    for (let round = 0; round < rounds; round++) times.none.push(await plan(0))
    await writeFiles(
      folder,
      ownMigrations(Object.fromEntries(Array.from({length: count}, (_, index) => [`${String(index + 2).padStart(4, '0')}_step.ts`, step(index)]))),
    )
    for (let round = 0; round < rounds; round++) times.all.push(await plan(count))
  })
  const [none, all] = [median(times.none), median(times.all)]
  const measured = `${(all - none).toFixed(0)} ms (${all.toFixed(0)} ms - ${none.toFixed(0)} ms)`
  return [{figure: `recording and rehearsing ${count} migrations, one class`, goal: '≤ 500 ms', measured, isMet: all - none <= 500}]
}

const step = (index: number) =>
  migration(
    `CREATE TABLE t${index} (id INTEGER PRIMARY KEY, note TEXT)`,
    `CREATE INDEX t${index}_note ON t${index} (note)`,
    `ALTER TABLE trade_logs ADD COLUMN c${index} TEXT`,
  )

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
