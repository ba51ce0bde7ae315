import {readFile} from 'node:fs/promises'
import {tableFromIPC} from 'apache-arrow'
import {ParquetFile, readParquet} from 'parquet-wasm'

/** The rows of a Parquet file as another implementation (Rust's) reads them, and how many row groups it has. */
export async function readParquetFile(path: string): Promise<{rows: Record<string, unknown>[]; rowGroups: number}> {
  const bytes = new Uint8Array(await readFile(path))
  const rowGroups = (await ParquetFile.fromFile(new Blob([bytes]))).metadata().numRowGroups()
  const table = tableFromIPC(readParquet(bytes).intoIPCStream())
  return {rows: table.toArray().map((row) => row?.toJSON()), rowGroups}
}
