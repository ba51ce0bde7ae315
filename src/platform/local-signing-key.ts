/** A new Ed25519 private key, PKCS #8 in PEM. A secret. */
export async function newSigningKey(): Promise<string> {
  // Only here, because loading it takes 4 ms of each start.
  const {generateKeyPairSync} = await import('node:crypto')
  return generateKeyPairSync('ed25519').privateKey.export({type: 'pkcs8', format: 'pem'}).toString()
}
