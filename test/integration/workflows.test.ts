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

test('there are those of a bot, of the fleet, of its tokens, and of its archive', () => {
  expect(names.sort()).toEqual(['archive.yml', 'bot.yml', 'canary.yml', 'check.yml', 'migrate.yml', 'rotate.yml'])
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
    // An action takes it as an input; so does GitHub's own that signs in as an App, and no other.
    for (const {uses, with: inputs = {}} of stepsOf(file)) {
      const secrets = Object.entries(inputs).filter(([, value]) => value.includes('secrets.'))
      if (secrets.length === 0) continue
      expect(uses).toMatch(/^actions\/create-github-app-token@/)
      expect(secrets).toEqual([['private-key', `\${{ secrets.STRAT_GITHUB_APP_PRIVATE_KEY }}`]])
      given.push(['STRAT_GITHUB_APP_PRIVATE_KEY', secrets[0]?.[1] ?? ''])
    }
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

test('the one of the archive keeps a new head of the chain only after a verification that has succeeded, with a token for that alone', async () => {
  const {file} = await read('archive.yml')
  const steps = stepsOf(file)
  const verify = steps.find(({run}) => run?.includes('strat archive verify'))
  // With pipefail a verification that fails ends the script before there is a head.
  expect(verify?.run).toMatch(/^npx --no -- strat archive verify --json \$\{KNOWN_HEAD:\+--head "\$KNOWN_HEAD"\} \| tee verified\.json\necho "head=/)
  expect(verify).toMatchObject({shell: 'bash', env: {KNOWN_HEAD: expect.stringContaining('vars.STRAT_ARCHIVE_HEAD')}})
  const [app, keep] = steps.slice(-2)
  expect(app?.with).toMatchObject({'permission-environments': 'write'})
  expect(app).toMatchObject({if: expect.stringContaining("steps.verify.outputs.head != ''")})
  expect(keep).toMatchObject({if: expect.stringContaining("steps.app.outcome == 'success'"), run: expect.stringContaining('--env fleet-tokens')})
  expect(file.jobs['archive']?.environment).toBe('fleet-tokens')
})
