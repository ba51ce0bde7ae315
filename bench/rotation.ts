import {makeFleet} from '../test/helpers/fleet.ts'
import {type Rotation, useStoredSecrets, usingRotation, whileUsed} from '../test/helpers/rotation.ts'
import {runStrat} from '../test/helpers/strat.ts'
import type {Figure} from './run.ts'

const atMost = (figure: string, measured: number, goal: number): Figure => ({figure, goal: `≤ ${goal}`, measured: String(measured), isMet: measured <= goal})

/** What a rotation asks of Turso and of GitHub, and a hundred of them with the pace that GitHub asks for, while a bot uses what is stored. */
export async function rotation(): Promise<Figure[]> {
  const figures: Figure[] = []
  await usingRotation([], async (rotation) => {
    const names = Array.from({length: 100}, (_, index) => `stage-${String(index).padStart(3, '0')}`)
    await makeFleet(rotation.folder, names)
    await rotation.rotate()
    figures.push(...(await callsOfOne(rotation, names[0] ?? '')), ...(await aHundred(rotation, names)))
  })
  return figures
}

async function callsOfOne(rotation: Rotation, name: string): Promise<Figure[]> {
  const {dev, github} = rotation
  const calls = async () => {
    dev.requests.length = 0
    github.requests.length = 0
    await rotation.rotate({names: [name]})
    return {turso: dev.requests.length, github: github.requests.length}
  }
  const nothing = await calls()
  rotation.age(name, 40)
  const due = await calls()
  return [
    atMost('calls to Turso, one rotation that is due', due.turso, 4),
    atMost('calls to GitHub, one rotation that is due', due.github, 6),
    atMost('calls to GitHub, nothing due', nothing.github, 3),
  ]
}

async function aHundred(rotation: Rotation, names: string[]): Promise<Figure[]> {
  const {folder, env, github} = rotation
  for (const name of names) rotation.age(name, 40)
  github.requests.length = 0
  const start = performance.now()
  let rotated = 0
  const used = await whileUsed(rotation, names[50] ?? '', async () => {
    rotated = (await runStrat(['rotate', '--all', '--json'], {cwd: folder, env})).json.summary.rotated
  })
  const seconds = (performance.now() - start) / 1000
  const writes = github.writes.map(({at}) => at).sort((a, b) => a - b)
  const shortest = Math.min(...writes.slice(1).map((at, index) => at - (writes[index] ?? 0)))
  const broken = (await Promise.all(names.map((name) => useStoredSecrets(rotation, name)))).filter((status) => status !== 200).length
  return [
    {figure: '100 strategies due: rotated, seconds', goal: '100', measured: `${rotated} in ${seconds.toFixed(0)} s`, isMet: rotated === 100},
    {figure: '100 strategies due: milliseconds between two writes to GitHub', goal: '≥ 1000', measured: shortest.toFixed(0), isMet: shortest >= 1000},
    atMost(`requests of a bot that failed meanwhile, of ${used.requests}; strategies whose secrets do not work afterwards`, used.failures.length + broken, 0),
  ]
}
