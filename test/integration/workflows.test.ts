import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {projectRoot} from '../helpers/strat.ts'
import {readWorkflow, stepsOf} from '../helpers/workflow.ts'

const folder = join(projectRoot, 'templates/workflows')
const names = await readdir(folder)

type Manifest = {commands: Record<string, {flags: Record<string, {options?: string[]}>}>}

async function read(name: string) {
  const text = await readFile(join(folder, name), 'utf8')
  return {text, ...(await readWorkflow(name, text))}
}

/** The arguments of each call of strat in a workflow. */
const callsIn = (runs: string[]) => runs.flatMap((run) => [...run.matchAll(/npx --no -- strat ([^|\n]*)/g)].map(([, args = '']) => args.trim().split(' ')))

test('there are those of a bot, of the fleet, and of its tokens', () => {
  expect(names.sort()).toEqual(['bot.yml', 'canary.yml', 'check.yml', 'migrate.yml', 'rotate.yml'])
})

describe.each(names)('%s', (name) => {
  test("is valid by GitHub's own parser, asks for no more than it needs, and ends", async () => {
    const {file, errors} = await read(name)
    expect(errors).toEqual([])
    // Without a checkout not even that.
    const needed = stepsOf(file).some(({uses}) => uses?.startsWith('actions/checkout@')) ? {contents: 'read'} : {}
    expect(file.permissions).toEqual(needed)
    for (const job of Object.values(file.jobs)) {
      expect(job.permissions).toBeUndefined()
      expect(job['timeout-minutes']).toBeGreaterThan(0)
    }
  })

  test('runs once at a time, and what has begun is not broken off', async () => {
    const {file} = await read(name)
    expect(file.concurrency).toMatchObject({group: expect.stringMatching(/^(?:strat-|stage-condor|\$\{\{ format\('strat-)/), 'cancel-in-progress': false})
  })

  test('pins each action to a commit, with its version, and leaves no credentials behind', async () => {
    const {text, file} = await read(name)
    const written = [...text.matchAll(/uses: (.*)$/gm)].map(([, action]) => action)
    expect(written).toHaveLength(stepsOf(file).filter(({uses}) => uses !== undefined).length)
    for (const action of written) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    for (const {uses, with: inputs} of stepsOf(file)) if (uses?.startsWith('actions/checkout@')) expect(inputs).toEqual({'persist-credentials': 'false'})
  })

  test('gives a secret to the step alone that needs it, and puts no value into a script', async () => {
    const {text, file} = await read(name)
    const given = stepsOf(file).flatMap(({run, env = {}}) => {
      expect(run ?? '').not.toContain('${{')
      return Object.entries(env).filter(([, value]) => value.includes('secrets.'))
    })
    // In a script a value could be more than a value; of the whole job it would reach every action.
    for (const [variable, value] of given) expect(value).toBe(`\${{ secrets.${variable} }}`)
    expect(text.replaceAll(/^\s*#.*$/gm, '').match(/secrets\./g) ?? []).toHaveLength(given.length)
  })

  test('calls strat as it can be called', async () => {
    const {commands}: Manifest = JSON.parse(await readFile(join(projectRoot, 'oclif.manifest.json'), 'utf8'))
    const {text, file} = await read(name)
    const calls = callsIn(stepsOf(file).map(({run = ''}) => run))
    expect(calls).toHaveLength(text.match(/-- strat /g)?.length ?? 0)
    for (const args of calls) {
      const topic = commands[args.slice(0, 2).join(':')] ? 2 : 1
      const known = commands[args.slice(0, topic).join(':')]?.flags
      expect(known, args.join(' ')).toBeDefined()
      for (const [index, argument] of args.entries()) {
        if (!argument.startsWith('--')) continue
        const flag = known?.[argument.slice(2)]
        expect(flag, argument).toBeDefined()
        if (flag?.options) expect(flag.options).toContain(args[index + 1])
      }
    }
  })
})
