/** One step of a use case, as plain data: the command decides whether and how to show it. */
export type Progress = {message: string}

export type OnProgress = (progress: Progress) => void
