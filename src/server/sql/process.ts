import {type SqlAnswer, SqlAnswering, type SqlRequest} from './answering.ts'

/** What the server sends to a process that runs SQL, and what it gets back. */
export type ToSqlProcess = {id: number} & ({type: 'answer'; request: SqlRequest} | {type: 'release'; name: string} | {type: 'ping'})
export type FromSqlProcess = {id: number; answer?: SqlAnswer}

const answering = new SqlAnswering()

// Each in a turn of its own: messages that come together would all begin before one has ended, on a connection each.
process.on('message', (message: ToSqlProcess) => setImmediate(() => handle(message)))

async function handle(message: ToSqlProcess): Promise<void> {
  const {id} = message
  if (message.type === 'release') answering.release(message.name)
  const answer = message.type === 'answer' ? await answering.answer(message.request) : undefined
  send({id, ...(answer && {answer})})
}

// The server has ended, in whatever way.
process.on('disconnect', () => {
  answering.release()
  process.exit(0)
})

// Ctrl-C goes to the whole group: the server drains first.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)

function send(message: FromSqlProcess): void {
  process.send?.(message, (error: Error | null) => {
    if (error) process.exit(1)
  })
}
