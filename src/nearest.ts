import {distance} from 'fastest-levenshtein'

/** The candidates that a mistyped word most likely meant, best first, three at most. */
export function nearest(word: string, candidates: Iterable<string>): string[] {
  const limit = Math.max(2, Math.floor(word.length / 3))
  return [...candidates]
    .map((candidate) => ({candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase())}))
    .filter(({candidate, edits}) => edits <= limit || (word.length > 2 && candidate.includes(word)))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({candidate}) => candidate)
}
