/** A size as plans state theirs, in powers of a thousand: `5.0 GB`. */
export const bytes = (value: number) => scale(value, [' B', ' kB', ' MB', ' GB', ' TB', ' PB'])

/** A count that a person can compare at a glance: `12.3M`. */
export const count = (value: number) => scale(value, ['', 'k', 'M', 'G', 'T', 'P'])

function scale(value: number, units: string[]): string {
  let step = 0
  // Rounded first: 999,960 is 1.0M and not 1000.0k.
  for (; step < units.length - 1 && Math.round(value * 10) / 10 >= 1000; step++) value /= 1000
  return `${step === 0 ? value : value.toFixed(1)}${units[step]}`
}
