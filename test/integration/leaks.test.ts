import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseEnv} from 'node:util'
import {describe, expect, test} from 'vitest'
import {usingHostileDesk} from '../helpers/hostile-desk.ts'
import {around, filesIn, searchFor} from '../helpers/leaks.ts'
import {type Answer, type Command, filesToSearch, hostilitiesOf, runHostilely} from '../helpers/run-hostilely.ts'

const before = 'create stage-condor'

const headers = {'retry-after': '3600'}
const refusals = [200, 401, 403, 422].map((status) => ({answer: {status}, times: 99}))
const outages = [429, 502].map((status) => ({answer: {status, headers}, times: 99}))
/** What servers, and gateways before them, answer; a few times only where strat would ask for long. */
const every: Answer[] = [...refusals, ...outages, {answer: {status: 404}, times: 3}, {answer: 'reset', times: 1}, {answer: 'lose', times: 1}]
/** For commands that send the same requests as others. */
const some: Answer[] = [refusals.slice(1, 2), every.slice(-1)].flat()

const commands: Command[] = [
  {args: 'create stage-condor', on: ['api', 'databases'], answers: some, writes: ['home/spawned', 'home/errors']},
  {args: 'create stage-condor --dry-run', on: ['api'], answers: some},
  {args: 'show stage-condor', before, on: ['api', 'databases'], answers: some},
  {args: 'list', before, on: ['api', 'databases'], answers: some},
  {args: 'env stage-condor', before, on: ['api'], answers: some, answersToken: true},
  {args: 'env stage-condor --format github', before, on: ['api'], answers: some, answersToken: true},
  {args: 'rotate --all --force', before, on: ['api', 'databases'], answers: every, writes: ['home/errors', 'home/spawned', 'home/summary']},
  {args: 'rotate --all --check', before, on: ['api'], answers: some},
  {args: 'rotate stage-condor --revoke --confirm stage-condor', before, on: ['api', 'databases'], answers: some},
  {args: 'migrate --all', before, on: ['api', 'databases'], answers: some, writes: ['home/summary']},
  {args: 'migrate plan', before, on: ['databases'], answers: some},
  {args: 'migrate status', before, on: ['databases'], answers: some},
  {args: 'adopt stage-condor', before, on: ['databases'], answers: some},
  {args: 'archive --all', before, on: ['api', 'databases'], answers: some, writes: ['home/summary']},
  {args: 'usage', before, on: ['api'], answers: some},
  {args: 'login', on: ['api'], answers: some, input: 'platform token'},
  {args: 'destroy stage-condor --confirm stage-condor', before, isDestructive: true, on: ['api', 'databases'], answers: some},
  {args: 'config', on: [], answers: [], writes: ['home/spawned']},
  {args: 'config', signIn: 'token', on: [], answers: []},
  {args: 'config', signIn: 'app', on: [], answers: []},
  {args: 'create stage-condor', signIn: 'token', on: ['github'], answers: some, writes: ['home/errors']},
  {args: 'show stage-condor', before, signIn: 'token', on: ['github'], answers: some},
  {args: 'rotate --all --force', before, signIn: 'token', on: ['github'], answers: every, writes: ['home/summary']},
  {args: 'rotate stage-condor --force --canary strat-canary.yml', before, signIn: 'token', on: ['github'], answers: some},
  {args: 'rotate --all --force', before, signIn: 'app', on: ['github'], answers: some},
  {args: 'rotate --all --check', before, signIn: 'app', on: ['github'], answers: some},
  {args: 'rotate stage-condor --revoke --confirm stage-condor', before, signIn: 'app', on: ['github'], answers: some},
  {args: 'destroy stage-condor --confirm stage-condor', before, signIn: 'token', isDestructive: true, on: ['github'], answers: some},
]

describe.concurrent('no secret, and no part of one, is in any output, file or process of', () => {
  test.for(commands.map((command) => ({signIn: 'none' as const, ...command})))(
    'strat $args (GitHub: $signIn)',
    {timeout: 180_000},
    async (command, {expect}) => {
      await usingHostileDesk(command.signIn, async (desk) => {
        const {texts, hits} = await runHostilely(desk, command)
        const files = await filesToSearch(desk.folder)
        const find = searchFor(desk.secrets())
        expect([...texts, ...files].flatMap(({place, text}) => (find(text) === undefined ? [] : [`${place}: ${around(text, find(text))}`]))).toEqual([])
        expect(hits).toBeGreaterThanOrEqual(hostilitiesOf(command).length)
        // stdout and stderr of each, and of two runs in which all was well.
        expect(texts).toHaveLength(2 * (hostilitiesOf(command).length + 2))
        expect(files.map(({place}) => place)).toEqual(expect.arrayContaining(command.writes ?? []))
      })
    },
  )
})

test('a part of a secret is found wherever it is, and in whatever form', async () => {
  await usingHostileDesk('none', async (desk) => {
    await desk.run(['create', 'stage-condor'])
    const find = searchFor(desk.secrets())
    const [file] = (await filesIn(desk.folder)).filter(({path}) => path === '.env.stage-condor')
    const [secret = ''] = [...desk.secrets()].slice(-1)
    expect(find(file?.content ?? '')).toBeDefined()
    const part = secret.slice(-33, -20)
    for (const text of [part, `"${part}"`, btoa(`a ${secret}`), btoa(secret), Buffer.from(`ab${secret}`).toString('hex')])
      expect(find(`see ${text} there`)).toBeDefined()
    expect(find(`see ${secret.slice(0, 20)} and ${part.slice(2)} there`)).toBeUndefined()
  })
})

test('in GitHub Actions a new token is masked before it is anywhere', async () => {
  await usingHostileDesk('none', async (desk) => {
    for (const args of [
      ['create', 'stage-condor'],
      ['rotate', '--all', '--force'],
    ]) {
      const {stderr} = await desk.run(args, {inActions: true})
      const {TURSO_AUTH_TOKEN} = parseEnv(await readFile(join(desk.folder, '.env.stage-condor'), 'utf8'))
      expect(stderr).toMatch(new RegExp(`^::add-mask::${TURSO_AUTH_TOKEN}$`, 'm'))
    }
  })
})

const broken = (secret: string) => `${secret.slice(0, 30)}\n${secret.slice(30)}`

test.for<[variable: string, spoil: (secret: string) => string]>([
  ['TURSO_API_TOKEN', broken],
  ['GITHUB_TOKEN', broken],
  ['STRAT_GITHUB_APP_PRIVATE_KEY', (secret) => secret.replaceAll('\n', ' ')],
  ['STRAT_GITHUB_APP_PRIVATE_KEY', (secret) => secret.slice(0, -300)],
  ['STRAT_GITHUB_APP_PRIVATE_KEY_FILE', (secret) => secret],
  ['STRAT_GITHUB_APP_ID', (secret) => secret],
  ['GITHUB_REPOSITORY', (secret) => secret],
  ['GITHUB_API_URL', (secret) => `https://me:${secret}@127.0.0.1:1`],
])('a secret that is malformed, or in the wrong place, is not quoted: %s', async ([variable, spoil], {expect}) => {
  await usingHostileDesk(variable.includes('APP') ? 'app' : 'token', async (desk) => {
    const [apiToken = '', githubToken = '', privateKey = ''] = desk.secrets()
    const secret = variable === 'TURSO_API_TOKEN' ? apiToken : variable.includes('KEY') ? privateKey : githubToken
    const env = {...(variable.endsWith('FILE') && {STRAT_GITHUB_APP_PRIVATE_KEY: ''}), [variable]: spoil(secret)}
    const {code, stdout, stderr} = await desk.run(['create', 'stage-condor'], {env})
    expect(code).not.toBe(0)
    const find = searchFor(desk.secrets())
    const texts = [{place: 'output', text: stdout + stderr}, ...(await filesToSearch(desk.folder))]
    expect(texts.flatMap(({place, text}) => (find(text) === undefined ? [] : [`${place}: ${around(text, find(text))}`]))).toEqual([])
  })
})
