import {once} from 'node:events'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {expect} from 'vitest'
import {deliver, newSecrets} from '../../../helpers/github-delivery.ts'
import {storeOf} from '../../../helpers/github-store.ts'
import {githubTest} from '../../../helpers/github-test.ts'

const redirection = (to: string) => ({status: 307, body: {message: 'Temporary Redirect'}, headers: {location: to}})

githubTest('a redirection of GitHub to itself is followed', async ({github}) => {
  const path = '/repos/desk/bots/environments/stage-condor/secrets/TURSO_AUTH_TOKEN'
  github.faults.push({match: /PUT .*TURSO_AUTH_TOKEN/, fail: redirection(github.url + path)})
  const secrets = newSecrets()
  await deliver(storeOf(github), 'stage-condor', secrets)
  expect(github.bot('stage-condor')).toEqual(secrets)
})

githubTest.for(['GET', 'PUT', 'POST'])('a redirection of a %s to another host is not: neither the token nor a secret gets there', async (method, {github}) => {
  const seen: string[] = []
  const other = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    response.writeHead(200, {'content-type': 'application/json'}).end('{}')
  }).listen(0, '127.0.0.1')
  await once(other, 'listening')
  try {
    const to = `http://127.0.0.1:${(other.address() as AddressInfo).port}/repos/desk/bots`
    github.faults.push({match: new RegExp(`^${method} .*environments/stage-condor/`), times: 9, fail: redirection(to)})
    await expect(deliver(storeOf(github), 'stage-condor', newSecrets())).rejects.toMatchObject({
      code: 'GITHUB_UNAVAILABLE',
      message: expect.stringContaining('a redirection to another host (HTTP 307)'),
    })
    expect(seen).toEqual([])
  } finally {
    other.close()
  }
})
