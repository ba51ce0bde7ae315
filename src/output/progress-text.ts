import {stripVTControlCharacters} from 'node:util'
import type {Progress} from '../progress.ts'

type Count = Extract<Progress, {done: number}>

/** What was done since an operation was first heard of; `isFirst`: this is when. */
export type Elapsed = {isFirst: boolean; ms: number; done: number}

/** Tells how long the operation has gone on that a report is of; one of another message or total begins anew. */
export function operationClock(): (count: Count) => Elapsed {
  let first: {message: string; total: number; done: number; at: number} | undefined
  return ({message, total, done}) => {
    const isFirst = first?.message !== message || first.total !== total
    if (isFirst || !first) first = {message, total, done, at: performance.now()}
    return {isFirst, ms: performance.now() - first.at, done: done - first.done}
  }
}

/** `Migrating 312 of 1,000 · 2 failed · about 14 s left`. */
export function countText({message, done, total, failed}: Count, elapsed: Elapsed): string {
  const number = (value: number) => value.toLocaleString('en')
  const parts = [`${message} ${number(done)} of ${number(total)}`]
  if (failed > 0) parts.push(`${number(failed)} failed`)
  // Sooner it would be a guess.
  if (elapsed.ms >= 1000 && elapsed.done > 0 && done < total) parts.push(`about ${duration(((total - done) * elapsed.ms) / elapsed.done)} left`)
  return parts.join(' · ')
}

function duration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

/** A failure as one line, whatever a database's message holds. */
export const failureText = (failure: string) => `Failed: ${stripVTControlCharacters(failure).replace(/\s+/g, ' ').trim()}`
