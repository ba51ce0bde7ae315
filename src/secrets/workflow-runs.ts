/** One run of a workflow. */
export type WorkflowRun = {name: string; url: string; status: string}

/** The runs of the repository whose secrets a store keeps. */
export interface WorkflowRuns {
  /** Those that have begun and not ended: their jobs hold the secrets of when they were started. */
  listUnfinished(): Promise<WorkflowRun[]>

  /**
   * Starts a workflow by its file name with the strategy as its input `strategy`, and waits for its end.
   * Throws CANARY_FAILED where it cannot be started, does not succeed, or does not end in time.
   */
  runCanary(workflow: string, strategy: string): Promise<WorkflowRun>
}
