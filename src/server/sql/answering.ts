import type {RowCounts} from '../row-counts/row-counts.ts'
import type {Access} from './access.ts'
import {DatabaseFile} from './database-file.ts'
import {dumpDatabase} from './dump.ts'
import {StatementParser} from './parse-statements.ts'
import {runPipeline} from './pipeline.ts'
import type {Version} from './protocol.ts'
import {ProtocolError} from './statement-error.ts'
import type {SqlStream} from './stream.ts'
import {Streams} from './streams.ts'

/**
 * A request as the server hands it to the process that runs its SQL. `isCareful` after a process ended over this database: then
 * texts are read as bytes, which takes longer.
 */
export type SqlRequest = {file: string; access: Access; isCareful?: boolean} & ({kind: 'pipeline'; version: Version; body: string} | {kind: 'dump'})

/** An HTTP answer. */
export type SqlAnswer = {status: 200 | 400 | 403 | 404 | 429 | 500; type: 'application/json' | 'text/plain'; body: string; usage?: RowCounts}

/** Answers SQL requests over the files of a directory. */
export class SqlAnswering {
  readonly #parser = new StatementParser()
  readonly #streams = new Streams<SqlStream>()
  readonly #databases = new Map<string, DatabaseFile>()

  /** Never throws. */
  async answer(request: SqlRequest): Promise<SqlAnswer> {
    try {
      const database = this.#open(request)
      if (!database) return json(404, {error: `Namespace \`${request.access.database}\` doesn't exist`})
      if (request.kind === 'dump') return {status: 200, type: 'text/plain', body: this.#dump(database)}
      if (request.isCareful) database.isCareful = true
      const {answer, usage} = await runPipeline({database, streams: this.#streams, parser: this.#parser}, request.body, request.version, request.access)
      return {...json(200, answer), usage}
    } catch (error) {
      if (!(error instanceof ProtocolError)) return json(500, {error: `Internal error: ${error instanceof Error ? error.message : String(error)}`})
      return error.json ? json(error.status, error.json) : {status: error.status, type: 'text/plain', body: error.message}
    }
  }

  /** Closes everything that is open of a database, or of all. */
  release(name?: string): void {
    this.#streams.closeAll(name)
    for (const [known, database] of this.#databases) {
      if (name !== undefined && known !== name) continue
      database.foldLog()
      database.close()
      this.#databases.delete(known)
    }
  }

  #open({file, access: {database: name}}: SqlRequest): DatabaseFile | undefined {
    const known = this.#databases.get(name)
    if (known?.isCurrent) return known
    if (known) this.release(name)
    if (!DatabaseFile.exists(file)) return undefined
    const database = new DatabaseFile(file)
    this.#databases.set(name, database)
    return database
  }

  #dump(database: DatabaseFile): string {
    const connection = database.connect(null)
    try {
      return dumpDatabase(connection)
    } finally {
      database.giveBack(connection)
    }
  }
}

const json = (status: SqlAnswer['status'], body: object): SqlAnswer => ({status, type: 'application/json', body: JSON.stringify(body)})
