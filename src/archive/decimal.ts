/** A decimal number, exactly: `units` divided by ten to the power of `places`. */
export type Decimal = {units: bigint; places: number}

export const zero: Decimal = {units: 0n, places: 0}

/** Adds a number as it is printed: 0.1 and 0.2 come to 0.3. */
export function addPrinted({units, places}: Decimal, value: number): Decimal {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? []
  const printed = {units: BigInt(sign + whole + fraction), places: fraction.length - Number(exponent)}
  const most = Math.max(places, printed.places, 0)
  return {units: units * 10n ** BigInt(most - places) + printed.units * 10n ** BigInt(most - printed.places), places: most}
}

/** All its digits, without an exponent. */
export function decimalText({units, places}: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0')
  const point = digits.length - places
  const fraction = digits.slice(point).replace(/0+$/, '')
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${fraction === '' ? '' : `.${fraction}`}`
}
