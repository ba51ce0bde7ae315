import {writeSync} from 'node:fs'
import {Session} from 'node:inspector'
import {workerData} from 'node:worker_threads'

/** How long after its limit the main thread gets to notice by itself; it does unless it is in a loop. */
const graceMs = 500
/** How soon the next loop is ended, where the first one's code goes on with another. */
const againMs = 200

/** A termination may be lost (Node swallows one while it handles a rejection), and then so are all that follow. */
const maxAttempts = 25

const {cell} = workerData as {cell: Int32Array}

// The whole thread: it waits, and where it has waited too long it ends what the main thread is executing.
for (;;) {
  const seen = Atomics.load(cell, 0)
  const limitMs = Atomics.load(cell, 1)
  let isLate = Atomics.wait(cell, 0, seen, limitMs === 0 ? Number.POSITIVE_INFINITY : limitMs + graceMs) === 'timed-out'
  for (let attempt = 0; isLate; attempt++) {
    if (attempt === maxAttempts) giveUp()
    terminateExecution()
    isLate = Atomics.wait(cell, 0, seen, againMs) === 'timed-out'
  }
}

function terminateExecution(): void {
  const session = new Session()
  session.connectToMainThread()
  session.post('Runtime.terminateExecution')
  session.disconnect()
}

/** Better no result than no end. */
function giveUp(): void {
  writeSync(2, 'Error: A migration is in a loop that nothing ends, so this process was ended. Nothing of that migration is done.\n')
  process.kill(process.pid, 'SIGKILL')
}
