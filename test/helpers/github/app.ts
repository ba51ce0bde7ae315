import {createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, verify} from 'node:crypto'
import {type Answer, refuse} from './answer.ts'
import type {Github} from './state.ts'
import {everything, type Permissions} from './tokens.ts'

export type App = {
  id: number
  clientId: string
  installationId: number
  /** As GitHub lets it be downloaded: PKCS#1, PEM. */
  privateKey: string
  /** Undefined once the key was deleted on GitHub. */
  publicKey: KeyObject | undefined
  permissions: Permissions
  /** Where it is installed; in all repositories, where that is undefined. */
  repositories: string[] | undefined
}

export type AppOptions = {permissions?: Permissions; repositories?: string[]}

/** An App with a new key. */
export function newApp(id: number, installationId: number, {permissions = everything, repositories}: AppOptions): App {
  const {privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048})
  return {
    id,
    clientId: `Iv23li${randomBytes(7).toString('hex')}`,
    installationId,
    privateKey: privateKey.export({type: 'pkcs1', format: 'pem'}).toString(),
    publicKey: createPublicKey(privateKey),
    permissions,
    repositories: repositories?.map((name) => name.toLowerCase()),
  }
}

const longestSeconds = 600
/** By how much GitHub lets a clock be ahead. */
const skewSeconds = 5

/** The App that signed, or why GitHub would not believe it. */
export function signerOf(github: Github, jwt: string): App | Answer {
  const undecodable = refuse(401, 'A JSON web token could not be decoded')
  const [header = '', payload = '', signature, ...rest] = jwt.split('.')
  const {alg} = parse(header)
  if (alg !== 'RS256' || signature === undefined || rest.length > 0) return undecodable
  const {iss, iat, exp} = parse(payload)
  const app = [...github.apps.values()].find(({id, clientId}) => String(iss) === String(id) || iss === clientId)
  if (!app) return refuse(404, 'Integration not found')
  if (!app.publicKey) return refuse(401, 'Integration must generate a public key')
  if (!verify('sha256', Buffer.from(`${header}.${payload}`), app.publicKey, Buffer.from(signature, 'base64url'))) return undecodable
  const now = Math.floor(github.now() / 1000)
  if (typeof exp !== 'number' || exp <= now) {
    return refuse(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
  }
  if (exp > now + longestSeconds) return refuse(401, "'Expiration time' claim ('exp') is too far in the future")
  if (!Number.isInteger(iat) || Number(iat) > now + skewSeconds) {
    return refuse(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
  }
  return app
}

function parse(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch {
    return {}
  }
}
