// Runs a migration that reads on a libSQL file, within a short limit, in a process of its own: `node run-interactively.ts FILE`.
import {usingDatabase} from '../../src/database/connect.ts'
import {messageOf} from '../../src/errors.ts'
import {runInteractively} from '../../src/migrator/interactive.ts'

const [file = '', kind] = process.argv.slice(2)
const {sql} = await import('kysely')

await usingDatabase({name: 'test', url: `file:${file}`}, (database) =>
  database.transaction((transaction) =>
    runInteractively(transaction, {
      migration: '0002_loop',
      limitMs: 500,
      async up(db) {
        await sql`INSERT INTO t VALUES (2)`.execute(db)
        if (kind === 'sync') for (;;);
        for (;;) await sql`SELECT * FROM t`.execute(db)
      },
    }),
  ),
).catch((error) => process.stdout.write(messageOf(error)))
// The process is alive, and the transaction is over.
await usingDatabase({name: 'test', url: `file:${file}`}, (database) => database.migrate([{sql: 'INSERT INTO t VALUES (3)', args: []}]))
