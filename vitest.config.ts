import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {defineConfig} from 'vitest/config'

// The processes that run SQL for the servers of the tests, hundreds of them, load TypeScript: it is compiled once.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'strat-test-compile-cache')

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/helpers/global-setup.ts',
    // Most tests wait for processes of their own: with two workers two cores were busy for three quarters of the time.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // oclif writes to process.stdout: vitest's own capture would hide it from the tests.
    disableConsoleIntercept: true,
    coverage: {provider: 'v8', include: ['src/**', 'commands/**', 'migrations/**']},
  },
})
