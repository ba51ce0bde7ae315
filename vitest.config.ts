import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/helpers/global-setup.ts',
    // Most tests wait for processes of their own: with two workers, two cores have nothing to do for a quarter of the time.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // oclif writes to process.stdout: vitest's own capture would hide it from the tests.
    disableConsoleIntercept: true,
    coverage: {provider: 'v8', include: ['src/**', 'commands/**', 'migrations/**']},
  },
})
