/** How long is waited, in milliseconds. */
export type GithubLimits = {
  /** For one answer. */
  answerMs: number
  /** Between the answer to one write and the next write. */
  writeGapMs: number
  /** Until the list of secrets shows a new one. */
  confirmMs: number
  /** For the end of a workflow's run, and between two looks at it. */
  canaryMs: number
  lookMs: number
  /** A second of the waits that GitHub asks for, and of those between attempts. */
  secondMs: number
}

export const defaultLimits: GithubLimits = {
  answerMs: 20_000,
  writeGapMs: 1000,
  confirmMs: 15_000,
  canaryMs: 15 * 60_000,
  lookMs: 5000,
  secondMs: 1000,
}
