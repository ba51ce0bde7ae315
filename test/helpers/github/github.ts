import {once} from 'node:events'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import sodium from 'libsodium-wrappers'
import {readSchemas} from './schemas.ts'
import {serve} from './serve.ts'
import {Github} from './state.ts'

/**
 * Lends a server on this machine that answers as GitHub's REST API does, of secrets, variables, environments, runs and Apps, and takes nothing that GitHub would
 * not take. With `prefix` as GitHub Enterprise has it: `/api/v3`.
 */
export async function usingGithub(use: (github: Github) => Promise<void>, {prefix = ''} = {}): Promise<void> {
  await sodium.ready
  const github = new Github()
  const schemas = readSchemas()
  const server = createServer((request, response) => {
    serve(github, schemas, prefix, request, response).catch((error) => {
      github.defects.push(String(error))
      request.socket.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  github.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`
  try {
    await use(github)
  } finally {
    server.closeAllConnections()
    server.close()
  }
  if (github.defects.length > 0) throw new Error(`The stand-in for GitHub is wrong:\n${github.defects.join('\n')}`)
}
