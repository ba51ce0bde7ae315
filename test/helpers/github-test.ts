import {usingGithub} from './github/github.ts'
import type {Github} from './github/state.ts'
import {test} from './test.ts'

/** A test with a stand-in for GitHub of its own. */
export const githubTest = test.extend<{github: Github}>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern
  github: async ({}, use) => usingGithub(use),
})
