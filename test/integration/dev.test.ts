import {execFile} from 'node:child_process'
import {once} from 'node:events'
import {readFile} from 'node:fs/promises'
import {type AddressInfo, connect, createServer} from 'node:net'
import {join} from 'node:path'
import {parseEnv, promisify} from 'node:util'
import {describe, expect} from 'vitest'
import {execute} from '../helpers/database.ts'
import {type DevServer, usingDev} from '../helpers/dev.ts'
import {modeOf} from '../helpers/files.ts'
import {projectRoot, runStrat} from '../helpers/strat.ts'
import {test} from '../helpers/test.ts'

const statement = (sql: string) => ({type: 'execute', stmt: {sql}})
const close = {type: 'close'}

/** Sends statements to a database with the token of its bot. */
async function send(folder: string, name: string, ...statements: string[]) {
  const {TURSO_DB_URL, TURSO_AUTH_TOKEN} = parseEnv(await readFile(join(folder, `.env.${name}`), 'utf8'))
  const response = await fetch(`${TURSO_DB_URL}/v2/pipeline`, {
    method: 'POST',
    headers: {authorization: `Bearer ${TURSO_AUTH_TOKEN}`},
    body: JSON.stringify({requests: [...statements.map(statement), close]}),
  })
  return {status: response.status, text: await response.text()}
}

/** Runs `bot.py` with the environment that `strat create` wrote. */
async function runBot(folder: string, name: string, ...args: string[]): Promise<string> {
  const env = {...process.env, ...parseEnv(await readFile(join(folder, `.env.${name}`), 'utf8'))}
  const {stdout} = await promisify(execFile)('python3', [join(projectRoot, 'templates/python/bot.py'), ...args], {env})
  return stdout
}

const asTurso = (folder: string, dev: DevServer) => (args: string) => runStrat(args.split(' '), {cwd: folder, env: dev.variables()})

describe('the main job, on this machine and without an account', () => {
  test('a strategy is made through the API, its bot opens and closes a condor, strat tells it, and the bot can delete no trade', ({folder}) =>
    usingDev(folder, [], async (dev) => {
      const strat = asTurso(folder, dev)
      expect(await strat('create live-butterfly --secrets dotenv')).toMatchObject({code: 0})
      expect(await runBot(folder, 'live-butterfly')).toContain('open  NIFTY24200CE')
      expect((await strat('show live-butterfly --json')).json).toMatchObject({openPositions: 4, trades: 4, url: `${dev.url}/dev/live-butterfly`})
      await runBot(folder, 'live-butterfly', '--close', '--spot', '24100')
      expect((await strat('show live-butterfly --json')).json).toMatchObject({openPositions: 0, trades: 8})
      for (const sql of ['DELETE FROM trade_logs', 'UPDATE trade_logs SET pnl = 0', 'DROP TABLE trade_logs', "SELECT readfile('/etc/passwd')"]) {
        expect(await send(folder, 'live-butterfly', sql)).toMatchObject({status: 200, text: expect.stringContaining('"code":"SQLITE_AUTH"')})
      }
      expect((await strat('show live-butterfly --json')).json).toMatchObject({trades: 8})
    }))

  test('what a bot reads and writes is counted', ({folder}) =>
    usingDev(folder, [], async (dev) => {
      const strat = asTurso(folder, dev)
      await strat('create stage-condor')
      await runBot(folder, 'stage-condor')
      // Counted at once, written down within a second.
      await expect.poll(async () => (await strat('usage --json')).json.strategies[0].rowsWritten, {timeout: 10_000}).toBeGreaterThanOrEqual(8)
    }))

  test('other strat commands use the same files meanwhile', ({folder}) =>
    usingDev(folder, [], async () => {
      await runStrat(['create', 'stage-condor'], {cwd: folder})
      await runStrat(['destroy', 'stage-condor', '--confirm', 'stage-condor'], {cwd: folder})
      const again = await runStrat(['create', 'stage-condor', '--capital', '7', '--stop-loss', '1', '--json'], {cwd: folder})
      expect(again.json).toMatchObject({status: 'created'})
    }))
})

describe('strat dev', () => {
  test('says in one line of JSON where it is, without its token, which only its owner can read', ({folder}) =>
    usingDev(folder, ['--json'], async (dev) => {
      expect(JSON.parse(dev.output())).toEqual({url: dev.url, organization: 'local', group: 'default', directory: join(folder, '.strat')})
      for (const file of ['api-token', 'dev.lock', 'dev.url', 'platform.sqlite'])
        expect([file, await modeOf(join(folder, '.strat', file))]).toEqual([file, '600'])
    }))

  test('keeps its token, and its databases, from one run to the next', async ({folder}) => {
    const tokens: (string | undefined)[] = []
    for (let run = 0; run < 2; run += 1) {
      await usingDev(folder, [], async (dev) => {
        tokens.push(dev.variables()['TURSO_API_TOKEN'])
        expect((await asTurso(folder, dev)('create stage-condor --json')).json.status).toBe(['created', 'existing'][run])
      })
    }
    expect(tokens[0]).toBe(tokens[1])
  })

  test('answers what is under way before it stops, and takes nothing new', ({folder}) =>
    usingDev(folder, ['--latency', '700'], async (dev) => {
      const answer = fetch(`${dev.url}/health`)
      // What was sent later, and answered without the latency, shows that the request is there.
      for (let later = 0; later < 3; later += 1) await fetch(`${dev.url}/_faults`)
      const idle = connect(Number(new URL(dev.url).port), '127.0.0.1').on('error', () => undefined)
      await once(idle, 'connect')
      expect(await Promise.all([answer.then(({status}) => status), dev.stop()])).toEqual([200, 0])
      await expect(fetch(`${dev.url}/health`)).rejects.toThrow()
    }))

  test('stops also under a client that goes on asking', ({folder}) =>
    usingDev(folder, ['--latency', '50'], async (dev) => {
      let isRunning = true
      const asking = (async () => {
        while (isRunning) await fetch(`${dev.url}/health`).catch(() => undefined)
      })()
      const begin = performance.now()
      expect(await dev.stop()).toBe(0)
      expect(performance.now() - begin).toBeLessThan(8000)
      isRunning = false
      await asking
    }))

  test('gives bots its own address, wherever it is', ({folder}) =>
    usingDev(folder, [], async (dev) => {
      await runStrat(['create', 'stage-condor'], {cwd: folder})
      expect(parseEnv(await readFile(join(folder, '.env.stage-condor'), 'utf8'))['TURSO_DB_URL']).toBe(`${dev.url}/dev/stage-condor`)
    }))

  test('stops with 0 on SIGTERM, and leaves no process behind', ({folder}) =>
    usingDev(folder, [], async (dev) => {
      await asTurso(folder, dev)('create stage-condor')
      dev.process.kill('SIGTERM')
      expect(await once(dev.process, 'exit')).toEqual([0, null])
      expect(await send(folder, 'stage-condor', 'SELECT 1').catch(() => 'gone')).toBe('gone')
    }))

  test('serves a directory once at a time, and again after it was killed', ({folder}) =>
    usingDev(folder, [], async (dev) => {
      const second = await runStrat(['dev', '--port', '0', '--json'], {cwd: folder})
      expect(second).toMatchObject({code: 1, json: {error: {code: 'SERVER_RUNNING', message: expect.stringContaining(dev.url)}}})
      dev.process.kill('SIGKILL')
      await once(dev.process, 'exit')
      await usingDev(folder, [], async (other) => expect((await fetch(`${other.url}/health`)).status).toBe(200))
    }))

  test('names a port that is in use, and one that works', async ({folder}) => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const {port} = other.address() as AddressInfo
    const {code, json} = await runStrat(['dev', '--port', String(port), '--json'], {cwd: folder})
    expect([code, json.error]).toMatchObject([1, {code: 'PORT_IN_USE', suggestions: [`strat dev --port ${port + 1}`, expect.any(String)]}])
    other.close()
  })

  test('leaves a directory of a newer strat alone', async ({folder}) => {
    await runStrat(['create', 'stage-condor'], {cwd: folder})
    await execute(join(folder, '.strat/platform.sqlite'), 'PRAGMA user_version = 99')
    const {code, json} = await runStrat(['dev', '--port', '0', '--json'], {cwd: folder})
    expect([code, json.error.code]).toEqual([78, 'STORAGE_NEWER'])
  })

  test('answers as Turso Cloud where it is asked to', ({folder}) =>
    usingDev(folder, ['--cloud'], async (dev) => {
      const strat = asTurso(folder, dev)
      await strat('create stage-condor')
      const {TURSO_DB_URL, TURSO_AUTH_TOKEN} = (await strat('env stage-condor --read-only --json')).json
      const ask = (token: string) =>
        fetch(`${TURSO_DB_URL}/v2/pipeline`, {
          method: 'POST',
          headers: {authorization: `Bearer ${token}`},
          body: JSON.stringify({requests: [statement('DELETE FROM trade_logs'), close]}),
        })
      const write = await ask(TURSO_AUTH_TOKEN)
      expect([write.status, await write.json()]).toMatchObject([200, {results: [{error: {code: 'BLOCKED'}}, {type: 'ok'}]}])
      const malformed = await ask('nonsense')
      expect([malformed.status, await malformed.json()]).toEqual([400, {error: 'JWT error: InvalidToken'}])
    }))
})

describe('faults on request', () => {
  const arm = async (dev: DevServer, fault: object) => {
    const response = await fetch(`${dev.url}/_faults`, {method: 'POST', body: JSON.stringify(fault)})
    expect([response.status, await response.json()]).toEqual([201, expect.anything()])
  }

  test('create converges through 429, the 404s of a new host, a lost reply and a cut connection', ({folder}) =>
    usingDev(folder, [], async (dev) => {
      const strat = asTurso(folder, dev)
      await arm(dev, {
        match: 'POST /v1/organizations/local/databases',
        times: 1,
        respond: {status: 429, headers: {'retry-after': '1'}, body: {error: 'slow down'}},
      })
      await arm(dev, {match: 'POST /dev/*/v2/pipeline', seconds: 3, respond: {status: 404, body: {error: 'not yet'}}})
      expect(await strat('create stage-a --json')).toMatchObject({code: 0, json: {status: 'created'}})
      await arm(dev, {match: 'POST /v1/organizations/local/databases', reset: 'after'})
      expect(await strat('create stage-b --json')).toMatchObject({code: 0, json: {status: expect.stringMatching(/created|resumed/)}})
      await arm(dev, {match: 'POST /v1/organizations/local/databases', reset: 'before'})
      await arm(dev, {match: 'POST /dev/stage-c/v2/pipeline', reset: 'after'})
      expect(await strat('create stage-c --json')).toMatchObject({code: 0})
      expect((await strat('list --json')).json.strategies).toHaveLength(3)
      for (const name of ['stage-a', 'stage-b', 'stage-c']) {
        expect((await strat(`show ${name} --json`)).json).toMatchObject({rows: {portfolio_state: 1}, migrations: {pending: []}})
      }
    }))

  test('hang until the client gives up, hit as often as they are told to, and can be taken back', ({folder}) =>
    usingDev(folder, [], async (dev) => {
      await arm(dev, {match: 'GET /health', times: 1, hang: true})
      await expect(fetch(`${dev.url}/health`, {signal: AbortSignal.timeout(300)})).rejects.toThrow('aborted')
      expect((await fetch(`${dev.url}/health`)).status).toBe(200)
      await arm(dev, {match: 'GET /health', times: 9, respond: {status: 502, body: 'bad gateway'}})
      const hit = await fetch(`${dev.url}/health`)
      expect([hit.status, await hit.text()]).toEqual([502, 'bad gateway'])
      expect(await (await fetch(`${dev.url}/_faults`)).json()).toMatchObject({faults: [{match: 'GET /health'}]})
      expect((await fetch(`${dev.url}/_faults`, {method: 'DELETE'})).status).toBe(204)
      expect((await fetch(`${dev.url}/health`)).status).toBe(200)
    }))

  test.for<[fault: object, reason: string]>([
    [{match: 'health', hang: true}, 'method and a path'],
    [{match: 'GET /health'}, 'one of respond, reset, hang'],
    [{match: 'GET /health', hang: true, reset: 'after'}, 'one of respond, reset, hang'],
    [{match: 'GET /health', reset: 'sometimes'}, 'reset'],
    [{match: 'GET /health', hang: true, colour: 'red'}, 'colour'],
    [{match: 'GET /health', respond: {status: 200, headers: {'a b': 'c'}}}, 'valid headers'],
  ])('%j is none', ([fault, reason], {folder}) =>
    usingDev(folder, [], async (dev) => {
      const response = await fetch(`${dev.url}/_faults`, {method: 'POST', body: JSON.stringify(fault)})
      expect([response.status, await response.json()]).toEqual([400, {error: expect.stringContaining(reason)}])
    }),
  )
})
