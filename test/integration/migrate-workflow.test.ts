import {spawnSync} from 'node:child_process'
import {chmod, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect} from 'vitest'
import {writeFiles} from '../helpers/files.ts'
import {current, failed, resultOf} from '../helpers/migrate-result.ts'
import {bin, cleanEnvironment} from '../helpers/strat.ts'
import {test} from '../helpers/test.ts'
import {readWorkflow} from '../helpers/workflow.ts'

type Job = {job: string; script: string}

/** The workflow that `strat init --workflows` writes. */
async function written(folder: string) {
  const name = '.github/workflows/strat-migrate.yml'
  const text = await readFile(join(folder, name), 'utf8')
  return {text, ...(await readWorkflow(name, text))}
}

/** The one script of a job that calls strat, run as GitHub runs it: with `npx` and these variables. */
async function runScript(folder: string, {job, script}: Job, npx: string, env: Record<string, string> = {}) {
  await writeFiles(folder, {'bin/npx': `#!/bin/sh\n${npx}\n`})
  await chmod(join(folder, 'bin/npx'), 0o755)
  const path = `${join(folder, 'bin')}:${process.env['PATH']}`
  const {status, stdout} = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: {...cleanEnvironment(), ...env, PATH: path},
  })
  return {job, status, stdout}
}

/** Each script that calls strat, with the job that it is in. */
function scriptsOf(text: string): Job[] {
  return text.split(/^ {2}(?=\w+:$)/m).flatMap((block) => {
    const script = /run: (npx .*)$/m.exec(block)?.[1]
    return script ? [{job: block.slice(0, block.indexOf(':')), script}] : []
  })
}

test('the workflow that migrates the fleet plans, migrates and merges when a migration comes to main', async ({folder, strat}) => {
  await strat('init --workflows')
  const {text, workflow} = await written(folder)
  expect(workflow.jobs.map(({id}) => String(id))).toEqual(['plan', 'migrate', 'merge'])
  expect(workflow.events).toMatchObject({push: {branches: ['main'], paths: ['migrations/**']}, workflow_dispatch: {}})
  expect(text).toMatch(/^ {6}fail-fast: false/m)
})

test('it gives strat the organization, and the token only where the fleet is reached', async ({folder, strat}) => {
  await strat('init --workflows')
  const {text} = await written(folder)
  expect(text).toMatch(/^env:\n {2}STRAT_PLATFORM: turso\n {2}TURSO_ORGANIZATION: \$\{\{ vars\.TURSO_ORGANIZATION \}\}\n/m)
  const jobs = text.split(/^ {2}(?=\w+:$)/m).filter((block) => block.includes('secrets.'))
  expect(jobs.map((block) => block.slice(0, block.indexOf(':')))).toEqual(['plan', 'migrate'])
})

test('every shard of the matrix is one of as many as there are', async ({folder, strat}) => {
  await strat('init --workflows')
  const {text} = await written(folder)
  const shards = /shard: \[(.*)\]/.exec(text)?.[1]?.split(', ')
  expect(shards).toEqual(Array.from({length: Number(/"\$SHARD\/(\d+)"/.exec(text)?.[1])}, (_, index) => String(index + 1)))
})

test('a shard fails as strat does, and leaves its report', async ({folder, strat}) => {
  await strat('init --workflows')
  const {text} = await written(folder)
  const migrate = scriptsOf(text).find(({job}) => job === 'migrate') ?? {job: '', script: ''}
  for (const status of [0, 3, 130]) {
    const run = await runScript(folder, migrate, `echo "$@"; exit ${status}`, {SHARD: '2', RUN: '123'})
    const stdout = '--no -- strat migrate --all --shard 2/4 --run 123 --confirm live --json --stream\n'
    expect(run).toEqual({job: 'migrate', status, stdout})
    expect(await readFile(join(folder, 'report-2.json'), 'utf8')).toBe(stdout)
  }
})

test('their reports are merged', async ({folder, strat}) => {
  await strat('init --workflows')
  const {text} = await written(folder)
  const merge = scriptsOf(text).find(({job}) => job === 'merge') ?? {job: '', script: ''}
  for (const [index, database] of [current('live-a'), failed('live-b', 'boom')].entries()) {
    const report = JSON.stringify(resultOf([database], {shard: {index: index + 1, count: 2}}))
    await writeFiles(folder, {[`reports/report-${index + 1}.json`]: report})
  }
  const {status, stdout} = await runScript(folder, merge, `shift 3; exec "${process.execPath}" "${bin}" "$@"`)
  expect({status, stdout}).toEqual({status: 3, stdout: 'NAME\tSTATUS\tDETAIL\nlive-a\tcurrent\tnothing to do\nlive-b\tfailed\tMIGRATION_FAILED\n'})
})
