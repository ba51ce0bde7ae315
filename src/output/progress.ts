import type {OnProgress} from '../progress.ts'
import {redrawnLine} from './redrawn-line.ts'
import {sparseLines} from './sparse-lines.ts'

export type ProgressReporter = {
  onProgress: OnProgress
  /** Takes away what would be in the way of other output. */
  clear(): void
}

/** Shows on a terminal what is going on, on one line that is written anew; elsewhere, where all lines stay, how far a large fleet is and what failed. */
export const progressReporter = (stream: NodeJS.WriteStream): ProgressReporter => (stream.isTTY ? redrawnLine(stream) : sparseLines(stream))
