import {Outbox} from '../outbox.ts'
import {type SqlAnswer, SqlAnswering, type SqlRequest} from './answering.ts'

/** What the server sends to a process that runs SQL, and what it gets back. */
export type ToSqlProcess = {id: number} & ({type: 'answer'; request: SqlRequest} | {type: 'release'; name: string} | {type: 'ping'})
export type FromSqlProcess = {id: number; answer?: SqlAnswer}

const answering = new SqlAnswering()
const outbox = new Outbox<FromSqlProcess>((messages) => {
  process.send?.(messages, (error: Error | null) => {
    if (error) process.exit(1)
  })
})

// Each in a turn of its own: messages that come together would all begin before one has ended, on a connection each.
process.on('message', (messages: ToSqlProcess[]) => {
  for (const message of messages) setImmediate(() => handle(message))
})

async function handle(message: ToSqlProcess): Promise<void> {
  const {id} = message
  if (message.type === 'release') answering.release(message.name)
  const answer = message.type === 'answer' ? await answering.answer(message.request) : undefined
  outbox.add({id, ...(answer && {answer})})
}

// The server has ended, in whatever way.
process.on('disconnect', () => {
  answering.release()
  process.exit(0)
})

// Ctrl-C goes to the whole group: the server drains first.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
