#!/usr/bin/env node
// Only default imports and old syntax down to the version check: an older Node must get as far as its message.
import module from 'node:module'
import packageJson from '../package.json' with {type: 'json'}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(`strat needs Node.js 24.15 or newer; this is ${process.versions.node}.\n`)
  process.exit(78)
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.removeAllListeners('exit')
  process.exit(error.code === 'EPIPE' ? (process.exitCode ?? 0) : 1)
})

module.enableCompileCache()
// The libsql package asks for a report to find out its C library; without this it looks at every network interface, too.
Object.assign(process.report, {excludeNetwork: true})

const argv = process.argv.slice(2)
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-v')) {
  // Without oclif, which takes longer to load than Node itself (measured: 57 ms against 26 ms).
  process.stdout.write(`${packageJson.name}/${packageJson.version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else {
  const {main} = await import('./main.ts')
  // Not left to the event loop: a user's migration may hold it open for ever.
  process.exit(await main(argv))
}
