const separator = '[ _:/.-]?'
const year = '[2-4]\\d'
const day = '(?:0[1-9]|[12]\\d|3[01])'
const monthName = '(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)'
const expiry = [
  // 24JAN: the month's last expiry, as NSE and BSE write it
  `${year}${monthName}`,
  // 24118, 24N28: year, month (O, N, D from October), day of a weekly expiry
  `${year}[1-9OND]${day}`,
  // 28NOV24, 28-NOV-2024: as brokers write it
  `${day}${separator}${monthName}${separator}(?:20)?${year}`,
  // 241128, 2024-11-28
  `(?:20)?${year}-?(?:0[1-9]|1[0-2])-?${day}`,
].join('|')
const strike = '\\d+(?:\\.\\d+)?'
const contract = new RegExp(`^${separator}(?:${expiry})${separator}(?:${strike}${separator}(?:CE|PE|C|P)|(?:CE|PE|C|P)${separator}${strike}|FUT)$`)

/** The longest there is, with separators: ` 28-NOV-2024 100000.00 CE`. */
const longestContract = 32

/**
 * The symbols that a contract's symbol may have as its underlying: what comes before an expiry, a strike and CE or PE, or an expiry and FUT.
 * `NIFTY24JAN22000CE` and `NIFTY2411822000CE` have NIFTY; `NIFTYNXT5024JAN70000CE` has NIFTYNXT50, and NIFTY is not among them, as
 * `NXT50…` is no expiry. Where digits can be read in two ways all are given: too many only keep rows longer.
 * A name of which nothing stands in the contract's symbol (NIFTY BANK for BANKNIFTY) is not found. Upper case is expected.
 */
export function underlyingsOf(symbol: string): string[] {
  const found: string[] = []
  for (let at = Math.max(1, symbol.length - longestContract); at < symbol.length; at++) {
    if (contract.test(symbol.slice(at))) found.push(symbol.slice(0, at))
  }
  return found
}
