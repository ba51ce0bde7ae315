import type {RowCounts} from '../row-counts/row-counts.ts'
import {type Access, checkReadOnly} from './access.ts'
import {runBatch, timedOut, toWireError, type WireError} from './batch.ts'
import type {DatabaseFile} from './database-file.ts'
import {checkSyntax} from './describe.ts'
import {type AnswerBudget, maxAnswerBytes} from './execute.ts'
import type {ParsedStatement, StatementParser} from './parse-statements.ts'
import {decodePipeline, type SqlText, type StreamRequest, type Version} from './protocol.ts'
import {ProtocolError, StatementError} from './statement-error.ts'
import {SqlStream} from './stream.ts'
import type {Owner, Streams} from './streams.ts'

type StreamResult = {type: 'ok'; response: object} | {type: 'error'; error: WireError}

export type Answer = {baton: string | null; base_url: null; results: StreamResult[]}

/** An answer, and what it took. */
export type Answered = {answer: Answer; usage: RowCounts}

export type PipelineDependencies = {database: DatabaseFile; streams: Streams<SqlStream>; parser: StatementParser}

/**
 * Answers one pipeline: its requests one after the other on one stream, which stays open for the next pipeline unless it is
 * closed. A request that fails does not keep the next from being run.
 *
 * @throws ProtocolError; the stream is closed then, and what its transaction did is gone
 */
export async function runPipeline({database, streams, parser}: PipelineDependencies, body: string, version: Version, access: Access): Promise<Answered> {
  const {baton, requests} = decodePipeline(body)
  const owner = {database: access.database, token: access.token}
  const taken = baton === undefined ? undefined : streams.take(baton, owner)
  const stream = taken?.stream ?? new SqlStream(database, parser, access)
  const results: StreamResult[] = []
  try {
    for (const request of requests) results.push(await answer(stream, request, version, access))
  } catch (error) {
    stream.close()
    streams.drop(taken?.id)
    throw error
  }
  const usage = stream.takeUsage()
  if (!stream.isClosed) return {answer: {baton: keepOrClose(streams, stream, owner, taken?.id), base_url: null, results}, usage}
  streams.drop(taken?.id)
  return {answer: {baton: null, base_url: null, results}, usage}
}

function keepOrClose(streams: Streams<SqlStream>, stream: SqlStream, owner: Owner, taken: bigint | undefined): string {
  try {
    return streams.keep(stream, owner, taken)
  } catch (error) {
    stream.close()
    throw error
  }
}

async function answer(stream: SqlStream, request: StreamRequest, version: Version, access: Access): Promise<StreamResult> {
  try {
    return {type: 'ok', response: {type: request.type, ...(await respond(stream, request, version, access))}}
  } catch (error) {
    if (error instanceof StatementError) return {type: 'error', error: toWireError(error)}
    throw error
  }
}

async function respond(stream: SqlStream, request: StreamRequest, version: Version, access: Access): Promise<object> {
  const budget: AnswerBudget = {bytes: maxAnswerBytes}
  switch (request.type) {
    case 'close':
      stream.close()
      return {}
    case 'execute': {
      const ready = stream.parseOne(request.statement)
      if (stream.takeTimeOut()) throw timedOut()
      return {result: await stream.execute(ready, access, budget)}
    }
    case 'batch':
      return {result: await runBatch(stream, request.steps, version, access, budget)}
    case 'sequence':
      await runSequence(stream, request, access)
      return {}
    case 'describe':
      return {result: stream.describe(request)}
    case 'store_sql':
      stream.storeText(request.sqlId, request.sql)
      return {}
    case 'close_sql':
      stream.forgetText(request.sqlId)
      return {}
    case 'get_autocommit':
      if (version < 3) throw new ProtocolError('The `get_autocommit` request is only supported in protocol version hrana3 and higher')
      return {is_autocommit: !stream.connection.inTransaction}
  }
}

function isSql(stream: SqlStream, statement: ParsedStatement): boolean {
  try {
    checkSyntax(stream.connection, statement)
    return true
  } catch (error) {
    if (error instanceof StatementError) return false
    throw error
  }
}

/** Runs the statements of a text up to the first that fails. What is no SQL is passed over, as the real server does (recorded). */
async function runSequence(stream: SqlStream, text: SqlText, access: Access): Promise<void> {
  const statements = stream.parse(text).filter((statement) => isSql(stream, statement))
  if (!access.isCloud) for (const statement of statements) checkReadOnly(statement, access)
  if (stream.takeTimeOut()) throw timedOut()
  for (const statement of statements) {
    await stream.execute({statement, wire: {args: [], namedArgs: []}}, access, undefined)
  }
}
