import {createServer, request} from 'node:http'
import type {AddressInfo} from 'node:net'
import {expect} from 'vitest'
import {test} from '../helpers/test.ts'
import {platformToken, usingTursoServer} from '../helpers/turso-server.ts'

test('with NODE_USE_ENV_PROXY everything goes through the proxy, the databases too', async ({strat}) => {
  const passed: string[] = []
  // As a proxy gets them, requests name the whole URL.
  const proxy = createServer((incoming, outgoing) => {
    passed.push(`${incoming.method} ${new URL(incoming.url ?? '').pathname}`)
    const forwarded = request(incoming.url ?? '', {method: incoming.method, headers: incoming.headers, agent: false}, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(forwarded)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  await usingTursoServer(async (turso) => {
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const settings = {STRAT_PLATFORM: 'turso', TURSO_API_BASEURL: turso.url, TURSO_API_TOKEN: platformToken, TURSO_ORGANIZATION: 'desk'}
    const {code, stderr} = await strat('create stage-condor --secrets dotenv', {env: {...settings, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, NO_PROXY: ''}})
    expect(code, stderr).toBe(0)
    expect(passed).toEqual(turso.requests.map((line) => line.replace(/\?.*/, '')))
    expect(passed).toContain('POST /dev/stage-condor/v2/pipeline')
  })
  proxy.closeAllConnections()
  proxy.close()
})
