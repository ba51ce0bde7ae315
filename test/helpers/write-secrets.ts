// A process that writes new secrets into a folder again and again until it is killed; it sends a message once it has begun.
import {dotenvStore} from '../../src/secrets/dotenv.ts'
import {unsignedToken} from './token.ts'

const [folder = '', strategy = ''] = process.argv.slice(2)
const store = dotenvStore({folder})
for (let round = 0; ; round++) {
  const databaseId = `${process.pid}-${round}`
  await store.write(strategy, {TURSO_DB_URL: `http://127.0.0.1:8080/dev/${databaseId}`, TURSO_AUTH_TOKEN: unsignedToken({databaseId})})
  if (round === 2) process.send?.('begun')
}
