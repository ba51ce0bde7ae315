// Preloaded into a `strat` process: appends to files in the folder WITNESS what each process that it starts is given (`spawned`: argv
// and environment), and each error of strat's whose stack somebody looks at, with its causes and all that they hold (`errors`).
import {ChildProcess} from 'node:child_process'
import {appendFileSync} from 'node:fs'
import {join} from 'node:path'
import {inspect} from 'node:util'

const folder = process.env.WITNESS
delete process.env.WITNESS

const spawn = ChildProcess.prototype.spawn
ChildProcess.prototype.spawn = function (options) {
  appendFileSync(join(folder, 'spawned'), `${JSON.stringify({argv: [options.file, ...options.args], env: options.envPairs})}\n`)
  return spawn.call(this, options)
}

let isLooking = false
Error.prepareStackTrace = (error, frames) => {
  if (!isLooking && error.suggestions !== undefined) {
    isLooking = true
    appendFileSync(join(folder, 'errors'), `${inspect(error, {depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null})}\n`)
    isLooking = false
  }
  return `${error}\n${frames.map((frame) => `    at ${frame}`).join('\n')}`
}
