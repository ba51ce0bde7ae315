import sodium from 'libsodium-wrappers'
import type {Result} from '../strat.ts'
import type {Github} from './state.ts'

type Reply = {status: number; headers: Headers; json: Result['json']}

/** Sends a request like `GET /repos/…` as anybody could, with the token of the stand-in if no other is given. */
export async function send({url, token}: Github, line: string, body?: unknown, bearer = token): Promise<Reply> {
  const [method = '', path = ''] = line.split(' ')
  const headers = {authorization: `Bearer ${bearer}`}
  const response = await fetch(url + path, {method, headers, ...(body !== undefined && {body: JSON.stringify(body)})})
  const text = await response.text()
  return {status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text)}
}

/** What GitHub wants of a secret, sealed with the key that it gives out at `keyPath`. */
export async function seal(github: Github, keyPath: string, value: string): Promise<{encrypted_value: string; key_id: string}> {
  const {key, key_id} = (await send(github, `GET ${keyPath}/public-key`)).json
  const box = sodium.crypto_box_seal(value, sodium.from_base64(key, sodium.base64_variants.ORIGINAL))
  return {encrypted_value: sodium.to_base64(box, sodium.base64_variants.ORIGINAL), key_id}
}
