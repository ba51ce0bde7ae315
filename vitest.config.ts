import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/helpers/global-setup.ts',
    // Most tests wait for processes of their own: one more worker than vitest takes on two cores.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // oclif writes to process.stdout: vitest's own capture would hide it from the tests.
    disableConsoleIntercept: true,
    coverage: {provider: 'v8', include: ['src/**', 'commands/**', 'migrations/**']},
  },
})
