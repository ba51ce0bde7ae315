import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/helpers/global-setup.ts',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // oclif writes to process.stdout: vitest's own capture would hide it from the tests.
    disableConsoleIntercept: true,
    coverage: {provider: 'v8', include: ['src/**', 'commands/**', 'migrations/**']},
  },
})
