// What `strat migrate --all` is measured against, each a process of its own: the same requests by bare `fetch`, and Kysely's own
// Migrator on each database. Started by fleet.ts: MODE FILE CONCURRENCY.
import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/** The file's content: where the databases are, and what each is sent, or where the migrations are. */
export type RivalInput = {databases: {name: string; url: string}[]; pipelines: {database: string; body: string}[]; migrations: string}

const [, , mode, file = '', concurrency] = process.argv
const {databases, pipelines, migrations}: RivalInput = JSON.parse(readFileSync(file, 'utf8'))

async function forEach<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const worker = async () => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({length: Number(concurrency)}, worker))
}

async function fetchAll(): Promise<void> {
  const urls = new Map(databases.map(({name, url}) => [name, `${url}/v2/pipeline`]))
  await forEach(pipelines, async ({database, body}) => {
    const headers = {'content-type': 'application/json', authorization: 'Bearer token'}
    const answer = await fetch(urls.get(database) ?? '', {method: 'POST', headers, body})
    const {results} = (await answer.json()) as {results: {response: {result?: {step_errors: unknown[]}}}[]}
    const [error] = results.flatMap(({response}) => response.result?.step_errors ?? []).filter(Boolean)
    if (error) throw new Error(JSON.stringify(error))
  })
}

async function migrateByKysely(): Promise<void> {
  const [{createClient}, {LibsqlDialect}, {Kysely}, {Migrator}, {loadMigrations}] = await Promise.all([
    import('@libsql/client/http'),
    import('@libsql/kysely-libsql'),
    import('kysely'),
    import('kysely/migration'),
    import('../src/migrator/load.ts'),
  ])
  const loaded = Object.fromEntries((await loadMigrations(join(migrations, 'strategy'))).map((migration) => [migration.name, migration]))
  await forEach(databases, async ({url}) => {
    const client = createClient({url: `${url}/`, authToken: 'token'})
    const {error} = await new Migrator({
      db: new Kysely({dialect: new LibsqlDialect({client})}),
      provider: {getMigrations: async () => loaded},
    }).migrateToLatest()
    client.close()
    if (error) throw error
  })
}

await (mode === 'fetch' ? fetchAll() : migrateByKysely())
