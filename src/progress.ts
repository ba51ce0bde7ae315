/** What a use case is doing, as plain data: the command decides whether and how to show it. */
export type Progress =
  /** The one step that is going on. */
  | {message: string}
  /** How far an operation over a fleet is: `message` says what is done ("Migrating"). */
  | {message: string; done: number; total: number; failed: number}
  /** One thing that failed, told as it happens: one line. */
  | {failure: string}

export type OnProgress = (progress: Progress) => void
