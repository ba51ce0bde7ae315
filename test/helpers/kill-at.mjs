// Preloaded into a `strat` process: kills it, as a power cut would, before its n-th step that touches the disk (KILL_AT=n).
import fs from 'node:fs/promises'
import {createRequire, syncBuiltinESMExports} from 'node:module'

const killAt = Number(process.env.KILL_AT)
let steps = 0

function before(object, method) {
  const original = object[method]
  object[method] = function (...args) {
    // What happens in memory is gone with the process anyway.
    if (this?.memory) return original.apply(this, args)
    steps += 1
    if (steps === killAt) process.kill(process.pid, 'SIGKILL')
    return original.apply(this, args)
  }
}

for (const method of ['mkdir', 'writeFile', 'open', 'rename', 'rm']) before(fs, method)
syncBuiltinESMExports()

const Database = createRequire(import.meta.url)('libsql')
before(Database.prototype, 'prepare')
