import {once} from 'node:events'
import {createServer, request} from 'node:http'
import {type AddressInfo, connect} from 'node:net'
import {expect} from 'vitest'
import {test} from '../helpers/test.ts'
import {platformToken, usingTursoServer} from '../helpers/turso-server.ts'

test('with NODE_USE_ENV_PROXY databases are reached through the proxy, as the Platform API is', async ({strat}) => {
  const passed: string[] = []
  const proxy = createServer((incoming, outgoing) => {
    // As a proxy gets them, requests name the whole URL.
    passed.push(`${incoming.method} ${new URL(incoming.url ?? '').pathname}`)
    const forwarded = request(incoming.url ?? '', {method: incoming.method, headers: incoming.headers, agent: false}, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(forwarded)
  }).on('connect', ({url}, socket) => {
    passed.push(`CONNECT ${url}`)
    const tunnel = connect(Number(url?.split(':')[1]), '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    for (const [from, to] of [[socket, tunnel] as const, [tunnel, socket] as const]) from.on('error', () => to.destroy()).pipe(to)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  await usingTursoServer(async (turso) => {
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const settings = {STRAT_PLATFORM: 'turso', TURSO_API_BASEURL: turso.url, TURSO_API_TOKEN: platformToken, TURSO_ORGANIZATION: 'desk'}
    const {code, stderr} = await strat('create stage-condor --secrets dotenv', {env: {...settings, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, NO_PROXY: ''}})
    expect(code, stderr).toBe(0)
    expect(passed).toContain(`CONNECT ${new URL(turso.url).host}`)
    expect(passed).toContain('POST /dev/stage-condor/v2/pipeline')
  })
  proxy.closeAllConnections()
  proxy.close()
})
