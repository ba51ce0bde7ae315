import {describe, expect, test} from 'vitest'
import {isRecordTrue, type Rotation, useStoredSecrets, usingRotation, whileUsed} from '../helpers/rotation.ts'
import {type RunOptions, runStrat} from '../helpers/strat.ts'

const name = 'stage-condor'

const run = ({folder, env}: Rotation, args: string, {env: more, ...options}: RunOptions = {}) =>
  runStrat(args.split(' '), {cwd: folder, env: {...env, ...more}, ...options})

describe('a strategy whose bot has its secrets on GitHub', () => {
  test('is created, shown, rotated, checked and destroyed with them', {timeout: 120_000}, async () => {
    await usingRotation([], async (rotation) => {
      const {github, env} = rotation
      const created = await run(rotation, `create ${name} --json`)
      expect(created.json).toMatchObject({
        status: 'created',
        secrets: [
          {store: 'github', name: 'TURSO_DB_URL'},
          {store: 'github', name: 'TURSO_AUTH_TOKEN'},
        ],
      })
      expect(await useStoredSecrets(rotation, name)).toBe(200)

      expect((await run(rotation, `show ${name} --json`)).json).toMatchObject({
        token: {
          expiresAt: expect.stringMatching(/Z$/),
          issuedAt: expect.stringMatching(/Z$/),
          allows: expect.stringContaining('trade_logs:data_add,data_read'),
        },
        secrets: [{store: 'github'}, {store: 'github'}],
      })
      expect((await run(rotation, `show ${name}`)).stdout).toMatch(/Bot token {3}in .*stage-condor.* until \d{4}-\d\d-\d\d, 0 minutes old/)

      expect(await run(rotation, 'rotate --all')).toMatchObject({code: 0, stdout: expect.stringMatching(/^stage-condor\tfresh\t/m)})
      expect(await run(rotation, 'rotate --all --check')).toMatchObject({code: 0})
      rotation.age(name, 80)
      const rotated = await run(rotation, 'rotate --all --json')
      expect(rotated.json).toMatchObject({strategies: [{name, status: 'rotated', reason: 'its token is 80 days old'}], summary: {rotated: 1}})
      expect(await isRecordTrue(rotation, name)).toBe(true)

      const destroyed = await run(rotation, `destroy ${name} --confirm ${name} --json`)
      expect(destroyed.json).toMatchObject({status: 'destroyed', secretsRemoved: ['TURSO_DB_URL', 'TURSO_AUTH_TOKEN']})
      const {secrets, variables} = github.scope({environment: name})
      expect([...secrets.keys(), ...variables.keys()]).toEqual([])
      const outputs = [created, rotated, destroyed].map(({stdout, stderr}) => stdout + stderr).join('')
      expect(outputs).not.toContain(env['GITHUB_TOKEN'])
    })
  })

  test('is shown without them where GitHub cannot be asked', async () => {
    await usingRotation([name], async (rotation) => {
      const {code, stdout, stderr} = await run(rotation, `show ${name}`, {env: {GITHUB_TOKEN: 'ghp_wrong'}})
      expect({code, stdout}).toEqual({code: 0, stdout: expect.stringMatching(/Capital +5,00,000 allocated/)})
      expect(stderr).toContain('Warning: What its bot has cannot be told: GitHub does not accept the token')
    })
  })

  test('of many that are due, the time is told before it begins', {timeout: 120_000}, async () => {
    await usingRotation(['stage-a', 'stage-b'], async (rotation) => {
      const {stderr, stdout} = await run(rotation, 'rotate --all')
      expect(stderr).toContain('Rotating 2 tokens takes about 6 seconds: GitHub takes one write a second.')
      expect(stdout).toMatch(/stage-a\trotated.*\nstage-b\trotated/)
      for (const each of ['stage-a', 'stage-b']) expect(await useStoredSecrets(rotation, each)).toBe(200)
    })
  })

  test('rotated with --secrets dotenv is left alone on GitHub', async () => {
    await usingRotation([name], async (rotation) => {
      const {json} = await run(rotation, `rotate ${name} --secrets dotenv --json`)
      expect(json.strategies).toMatchObject([{status: 'rotated'}])
      expect(rotation.github.requests).toEqual([])
    })
  })

  test.for<[string, Record<string, string>, string, string, number?]>([
    ['a repository that is not there', {GITHUB_REPOSITORY: 'desk/nothing'}, 'GITHUB_NOT_FOUND', 'desk/nothing'],
    ['a repository that is no name of one', {GITHUB_REPOSITORY: 'desk'}, 'GITHUB_REPOSITORY_INVALID', 'desk'],
    ['a token that is refused', {GITHUB_TOKEN: 'ghp_wrong'}, 'GITHUB_UNAUTHENTICATED', 'does not accept the token'],
    ['no token at all', {GITHUB_TOKEN: ''}, 'GITHUB_TOKEN_REQUIRED', 'There is no GitHub token', 4],
  ])('%s is told, and no token is minted', async ([, env, code, words, status]) => {
    await usingRotation([name], async (rotation) => {
      rotation.dev.requests.length = 0
      for (const args of [`rotate ${name}`, `rotate ${name} --revoke --confirm ${name}`]) {
        const {json, code: exit} = await run(rotation, `${args} --json`, {env})
        const told = json.error ?? json.strategies[0]
        expect(told, args).toMatchObject({code, [json.error ? 'message' : 'reason']: expect.stringContaining(words)})
        expect(status === undefined ? exit !== 0 : exit === status, args).toBe(true)
      }
      expect(rotation.dev.requests.filter((line) => /auth\/(rotate|tokens\?expiration=(?!1h&))/.test(line))).toEqual([])
    })
  })
})

describe('strat rotate, killed at any of its requests', () => {
  test.for(['before it is carried out', 'after it was carried out'])(
    '%s: the stored secret works at every moment, and the next run ends it',
    {timeout: 180_000},
    async (when) => {
      await usingRotation([name], async (rotation) => {
        const {github, dev} = rotation
        await rotation.rotate()
        // Those to GitHub, and before them two to Turso.
        const requests = when.startsWith('before') ? 8 : 6
        const used = await whileUsed(rotation, name, async () => {
          for (let index = 1; index <= requests; index++) {
            rotation.age(name, 40)
            let [count, kill] = [0, () => {}]
            // Requests of the checker have no place in the count.
            const isOurs = () => ++count === index
            github.watch = () => (when.startsWith('before') && isOurs() ? kill() : undefined)
            dev.watch = (_, line) => {
              if (!line.includes('pipeline') && isOurs()) kill()
            }
            if (when.startsWith('after')) {
              const skip = index - 1
              github.faults.push({match: /./, skip, fail: 'lose', afterwards: () => kill()})
            }
            const killed = await run(rotation, 'rotate --all', {onSpawn: (child) => (kill = () => child.kill('SIGKILL'))})
            github.watch = () => undefined
            dev.watch = () => undefined
            github.faults.length = 0
            const {strategies} = await rotation.rotate()
            expect({index, strategies, signal: killed.signal}).toMatchObject({index, strategies: [{status: expect.stringMatching(/^(rotated|fresh)$/)}]})
            expect({index, isTrue: await isRecordTrue(rotation, name), status: await useStoredSecrets(rotation, name)}).toEqual({
              index,
              isTrue: true,
              status: 200,
            })
          }
        })
        expect({...used, requests: used.requests > 50}).toEqual({requests: true, failures: []})
      })
    },
  )
})
