import {execFileSync} from 'node:child_process'
import {projectRoot} from './strat.ts'

/** The tests run the built command line: it must be of these sources, on a Node that it supports. */
export default function setup(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 24 || (major === 24 && minor < 15)) throw new Error(`The tests need Node.js 24.15 or newer; this is ${process.versions.node}.`)
  execFileSync('npm', ['run', 'build', '--silent'], {cwd: projectRoot, stdio: ['ignore', 'ignore', 'inherit']})
}
