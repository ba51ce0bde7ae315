import {stripVTControlCharacters} from 'node:util'

/** A number with its noun: `1 migration`, `3 migrations`, `no migrations`. */
export function plural(count: number, noun: string): string {
  return `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`
}

/** An amount of money as the trader's own locale groups it; without a currency, which strat does not know. */
export const amount = (value: number) => value.toLocaleString('en-IN', {maximumFractionDigits: 2})

/** The first names of a list, and how many more there are. */
export function someOf(names: string[], most = 3): string {
  const shown = names.slice(0, most).join(', ')
  return names.length > most ? `${shown} and ${names.length - most} more` : shown
}

/** The beginning of a long text, on one line. */
export function excerpt(text: string, most = 300): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > most ? `${line.slice(0, most)}…` : line
}

/** A text with whatever a database has in it: it neither moves the cursor nor begins a line that GitHub takes for a command. */
export const harmless = (text: string) =>
  stripVTControlCharacters(text)
    .replace(/[^\P{Cc}\n\t]/gu, ' ')
    .replace(/\s*\n\s*(?=::|##\[)/g, ' ')
