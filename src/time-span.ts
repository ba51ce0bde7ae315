/** A number of seconds in the largest unit that fits: `3 days`, `5 hours`, `1 minute`. */
export function timeSpan(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3600],
  ] as const
  const [unit, size] = units.find((each) => seconds >= each[1]) ?? (['minute', 60] as const)
  const count = Math.max(0, Math.floor(seconds / size))
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
