import {spawnSync} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect} from 'vitest'
import {test} from '../helpers/test.ts'
import {readWorkflow} from '../helpers/workflow.ts'

/** The workflow that `strat init --bot` writes. */
async function written(folder: string) {
  const name = '.github/workflows/stage-condor.yml'
  const text = await readFile(join(folder, name), 'utf8')
  return {text, ...(await readWorkflow(name, text))}
}

test("the bot's workflow is one job, with its strategy's environment and secrets", async ({folder, strat}) => {
  await strat('init --bot')
  const {file} = await written(folder)
  expect(Object.values(file.jobs)).toMatchObject([{environment: 'stage-condor'}])
  expect(file.concurrency?.group).toBe('stage-condor')
})

test("the bot's workflow runs while the market in India is open, and closes what is open in the last run", async ({folder, strat}) => {
  await strat('init --bot')
  const {text, workflow} = await written(folder)
  const crons = (workflow.events.schedule ?? []).map(({cron}) => cron)
  const times = crons.flatMap(timesOf).sort()
  expect(times[0]).toBe('09:15')
  expect(times.at(-1)).toBe('15:15')
  expect(new Set(times).size).toBe(times.length)
  expect(times.length).toBe(25)
  const last = crons.filter((cron) => timesOf(cron).includes('15:15'))
  expect(last).toHaveLength(1)
  expect(text).toContain(`github.event.schedule == '${last[0]}' && '--close'`)
})

test("the bot's workflow gives it the two secrets, and flags that it knows", async ({folder, strat}) => {
  await strat('init --bot')
  const {text} = await written(folder)
  for (const name of ['TURSO_DB_URL', 'TURSO_AUTH_TOKEN']) expect(text).toContain(`          ${name}: \${{ secrets.${name} }}\n`)
  const run = /run: (python3 .*)$/m.exec(text)?.[1] ?? ''
  const bot = spawnSync('bash', ['-ec', run], {cwd: folder, encoding: 'utf8', env: {PATH: process.env['PATH'], BOT_FLAGS: '--close'}})
  expect(bot).toMatchObject({status: 1, stderr: expect.stringContaining('strat env NAME prints them')})
})

/** The times in Asia/Kolkata, on weekdays, at which a cron line of lists, ranges and steps runs. */
function timesOf(cron: string): string[] {
  const [minutes = '', hours = '', ...rest] = cron.split(' ')
  expect(rest).toEqual(['*', '*', '1-5'])
  return valuesOf(hours, 24).flatMap((hour) =>
    valuesOf(minutes, 60).map((minute) => {
      const inKolkata = hour * 60 + minute + 330
      return [Math.floor(inKolkata / 60), inKolkata % 60].map((part) => String(part).padStart(2, '0')).join(':')
    }),
  )
}

function valuesOf(field: string, limit: number): number[] {
  return field.split(',').flatMap((part) => {
    const [range = '', step = '1'] = part.split('/')
    const [first = 0, last = first] = range === '*' ? [0, limit - 1] : range.split('-').map(Number)
    return Array.from({length: limit}, (_, value) => value).filter((value) => value >= first && value <= last && (value - first) % Number(step) === 0)
  })
}
