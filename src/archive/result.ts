import type {Recovered} from './recover.ts'
import type {Step, StepFigures} from './steps.ts'

/** Why a run ended: with nothing left to move; at a limit; interrupted; because the source was changed in a way that makes the scan worthless. */
export type Stopped = 'done' | 'max-rows' | 'max-seconds' | 'interrupted' | 'changed'

/**
 * Why rows of a symbol that are closed were left where they are: `late` rows came beside them, they were `changed` meanwhile, more rows than fit
 * a request close only together (`large`), the batch took too long (`slow`), or its copy waits to be withdrawn (`pending`).
 */
export type LeftReason = 'late' | 'changed' | 'large' | 'slow' | 'pending'

/** A batch that was sealed, and the head of the chain that it became. */
export type SealedLink = {id: string; rows: number; head: string}

/** What came of archiving one strategy. `rows` are those that this run moved; `head` is of the last batch that it sealed. */
export type MoveResult = {
  scanned: number
  /** How many rows are closed, or for a destroyed strategy all. */
  selected: number
  /** How many were copied and verified, and how many of them then deleted from the source and sealed. */
  copied: number
  rows: number
  batches: number
  /** What this run sealed, batches of earlier runs among them, in the order of the chain. */
  sealed: SealedLink[]
  /** Rows that this run leaves in the source, those aside that were only to be copied. */
  kept: number
  head: string | null
  recovered: Omit<Recovered, 'symbols'>[]
  left: {symbol: string; reason: LeftReason}[]
  /** Rows that have a value which no archive takes, because of which their symbols were left: how many, and up to ten of their ids. */
  odd: {rows: number; ids: string[]}
  stopped: Stopped
  /** At `max-rows`: how many trades the smallest of the pieces has for which there was no room, as they close together. */
  tooMany?: number
  steps: Partial<Record<Step, StepFigures>>
}

/** Notes a batch that is now the head of the chain. */
export function addSealed(result: Pick<MoveResult, 'sealed' | 'head'>, batch: SealedLink): void {
  result.sealed.push(batch)
  result.head = batch.head
}
