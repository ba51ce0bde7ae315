import {createHash} from 'node:crypto'
import {open} from 'node:fs/promises'
import {join} from 'node:path'
import {addPrinted, type Decimal, decimalText, zero} from './decimal.ts'
import {looksLikeFormula} from './export-csv.ts'
import type {ExportedTrade, TradeFormat} from './exported-trade.ts'

/** What the manifest says of a file. `sumOfPnl` adds the values as they are printed, exactly; `formulaLikeCells` are what a spreadsheet would execute. */
export type ExportedFile = {name: string; rows: number; bytes: number; sha256: string; sumOfPnl: string; formulaLikeCells: number}

/** Writes trades to a new file, and sees to it that they are on the disk. */
export async function exportFile(folder: string, name: string, format: TradeFormat, trades: Iterable<ExportedTrade>): Promise<ExportedFile> {
  const file: ExportedFile = {name, rows: 0, bytes: 0, sha256: '', sumOfPnl: '0', formulaLikeCells: 0}
  let sum: Decimal = zero
  function* counted() {
    for (const trade of trades) {
      file.rows += 1
      if (typeof trade.pnl === 'number') sum = addPrinted(sum, trade.pnl)
      file.formulaLikeCells += Object.values(trade).filter(looksLikeFormula).length
      yield trade
    }
  }
  const hash = createHash('sha256')
  await using handle = await open(join(folder, name), 'wx', 0o600)
  await format(counted(), async (part) => {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part
    hash.update(bytes)
    file.bytes += bytes.length
    await handle.appendFile(bytes)
  })
  await handle.sync()
  return {...file, sha256: hash.digest('hex'), sumOfPnl: decimalText(sum)}
}
