/** The key of one scope, as GitHub tells it. */
export type PublicKey = {keyId: string; key: string}

/** Seals a text so that only the owner of the key's other half can read it, as base64: what GitHub takes for the value of a secret. */
export async function seal(text: string, {key}: PublicKey): Promise<string> {
  const {default: sodium} = await import('libsodium-wrappers')
  await sodium.ready
  return Buffer.from(sodium.crypto_box_seal(text, Buffer.from(key, 'base64'))).toString('base64')
}
