import {spawnSync} from 'node:child_process'
import {chmod, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseEnv} from 'node:util'
import {expect} from 'vitest'
import {usingDev} from '../helpers/dev.ts'
import {writeFiles} from '../helpers/files.ts'
import {projectRoot} from '../helpers/strat.ts'
import {test} from '../helpers/test.ts'
import {unsignedToken} from '../helpers/token.ts'
import {readWorkflow, stepsOf} from '../helpers/workflow.ts'

type Secrets = Record<string, string | undefined>

/** Runs the canary's step as GitHub does, with a `curl` that keeps what it was called with in `calls`. */
async function runCanary(folder: string, secrets: Secrets) {
  const {file} = await readWorkflow('canary', await readFile(join(projectRoot, 'templates/workflows/canary.yml'), 'utf8'))
  const [{run = '', env = {}} = {}] = stepsOf(file)
  await writeFiles(folder, {'bin/curl': `#!/bin/sh\nprintf '%s\\n' "$@" >> calls\nPATH="\${PATH#*:}" exec curl "$@"\n`})
  await chmod(join(folder, 'bin/curl'), 0o755)
  const path = `${join(folder, 'bin')}:${process.env['PATH']}`
  return spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {cwd: folder, encoding: 'utf8', env: {...env, ...secrets, PATH: path}})
}

test('the canary succeeds with secrets that open the database, and shows the token to no other process', async ({folder, strat}) => {
  await usingDev(folder, [], async (dev) => {
    await strat('create stage-condor')
    const secrets: Secrets = parseEnv(await readFile(join(folder, '.env.stage-condor'), 'utf8'))
    expect(secrets['TURSO_DB_URL']).toBe(`${dev.url}/dev/stage-condor`)
    expect(await runCanary(folder, secrets)).toMatchObject({status: 0, stdout: '', stderr: ''})
    const calls = await readFile(join(folder, 'calls'), 'utf8')
    expect(calls).toContain('/dev/stage-condor/v2/pipeline')
    expect(calls).not.toContain(secrets['TURSO_AUTH_TOKEN']?.slice(0, 20))
  })
})

test('it fails with secrets that do not, and says why', async ({folder, strat}) => {
  await usingDev(folder, [], async (dev) => {
    await strat('create stage-condor')
    const secrets: Secrets = parseEnv(await readFile(join(folder, '.env.stage-condor'), 'utf8'))
    const refused: [Secrets, string][] = [
      [{TURSO_AUTH_TOKEN: unsignedToken()}, 'error: 404'],
      [{TURSO_AUTH_TOKEN: ''}, 'TURSO_AUTH_TOKEN: is no secret of this environment'],
      [{TURSO_DB_URL: ''}, 'TURSO_DB_URL: is no secret of this environment'],
      [{TURSO_DB_URL: `${dev.url}/dev/stage-butterfly`}, 'error: 404'],
      [{TURSO_AUTH_TOKEN: 'hunter2'}, 'error: 401'],
    ]
    for (const [wrong, reason] of refused) {
      const {status, stderr} = await runCanary(folder, {...secrets, ...wrong})
      expect(status).not.toBe(0)
      expect(stderr).toContain(reason)
    }
  })
})

test('it fails when the database answers and refuses the statement', async ({folder, strat}) => {
  await usingDev(folder, [], async (dev) => {
    await strat('create stage-condor')
    const secrets: Secrets = parseEnv(await readFile(join(folder, '.env.stage-condor'), 'utf8'))
    const {TURSO_API_TOKEN} = dev.variables()
    await fetch(`${dev.url}/v1/organizations/local/databases/stage-condor/configuration`, {
      method: 'PATCH',
      headers: {authorization: `Bearer ${TURSO_API_TOKEN}`, 'content-type': 'application/json'},
      body: '{"block_reads": true}',
    })
    expect(await runCanary(folder, secrets)).toMatchObject({status: 1, stderr: expect.stringContaining('blocked')})
  })
})
