import {expect, test} from 'vitest'
import {usingMemoryDatabase} from '../../../src/database/connect.ts'
import {releaseMemoryDatabases} from '../../../src/fleet/flat-heap.ts'

const tables = Array.from({length: 100}, (_, index) => ({sql: `CREATE TABLE t${index} (id INTEGER PRIMARY KEY, a TEXT, b REAL)`, args: []}))

/** By how many megabytes this process grows over so many databases in memory. */
async function growthOver(databases: number): Promise<number> {
  const before = process.memoryUsage.rss()
  for (let made = 1; made <= databases; made += 1) {
    await usingMemoryDatabase((memory) => memory.migrate(tables))
    if (made % 20 === 0) await releaseMemoryDatabases()
  }
  return (process.memoryUsage.rss() - before) / 2 ** 20
}

test('databases in memory that are closed are given back: hundreds take no more than a few', async () => {
  await growthOver(40)
  expect(await growthOver(160)).toBeLessThan(60)
})
