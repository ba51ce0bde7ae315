import {describe, expect, test} from 'vitest'
import {usageTables} from '../../../src/output/usage-tables.ts'
import type {PlatformUsage} from '../../../src/platform/platform.ts'
import {checkBelow, readUsage} from '../../../src/strategies/usage.ts'

const starter: PlatformUsage = {
  plan: 'starter',
  databases: {used: 40, quota: 100},
  storageBytes: {used: 2_500_000_000, quota: 5_000_000_000},
  rowsRead: {used: 100_000_000, quota: 500_000_000},
  rowsWritten: {used: 3_000_000, quota: 10_000_000},
  perDatabase: [],
}
const report = (at: string, usage: Partial<PlatformUsage> = {}) => readUsage({platform: {readUsage: async () => ({...starter, ...usage})}, now: new Date(at)})

describe('the usage', () => {
  test('projects rows to the end of the month (UTC) as they went so far, and databases and storage as they are', async () => {
    expect(await report('2026-11-16T00:00:00Z')).toEqual({
      plan: 'starter',
      month: '2026-11',
      databases: {used: 40, quota: 100, percent: 40, projected: 40, projectedPercent: 40},
      storageBytes: {used: 2_500_000_000, quota: 5_000_000_000, percent: 50, projected: 2_500_000_000, projectedPercent: 50},
      rowsRead: {used: 100_000_000, quota: 500_000_000, percent: 20, projected: 200_000_000, projectedPercent: 40},
      rowsWritten: {used: 3_000_000, quota: 10_000_000, percent: 30, projected: 6_000_000, projectedPercent: 60},
      strategies: [],
    })
  })

  test.each([
    ['2026-02-15T00:00:00Z', '2026-02', 2],
    ['2028-02-15T12:00:00Z', '2028-02', 2],
    ['2026-12-31T23:59:59.999Z', '2026-12', 1],
    // India is in December already, the platform is not.
    ['2026-12-01T03:00:00+05:30', '2026-11', 1],
    ['2026-11-01T00:00:00Z', '2026-11', 30],
    ['2026-11-01T01:00:00Z', '2026-11', 30],
    ['2026-11-02T00:00:00Z', '2026-11', 30],
  ])('at %s is of the month %s, and rows grow by %d', async (at, month, growth) => {
    const {month: found, rowsRead} = await report(at, {rowsRead: {used: 1000, quota: null}})
    expect({found, factor: Math.round(rowsRead.projected / 100) / 10}).toEqual({found: month, factor: growth})
  })

  test('has no percentage where the plan sets no limit, and all of a limit of nothing', async () => {
    const {rowsRead, rowsWritten, databases} = await report('2026-11-16T00:00:00Z', {
      rowsRead: {used: 5, quota: null},
      rowsWritten: {used: 5, quota: 0},
      databases: {used: 0, quota: 0},
    })
    expect([rowsRead.percent, rowsRead.projectedPercent, rowsWritten.percent, databases.percent]).toEqual([null, null, 100, 0])
  })

  test('names the biggest consumers first, by the largest share of any limit', async () => {
    const perDatabase = [
      {name: 'stage-b', rowsRead: 1000, rowsWritten: 10, storageBytes: 10},
      {name: 'stage-a', rowsRead: 1000, rowsWritten: 10, storageBytes: 10},
      {name: 'live-writer', rowsRead: 0, rowsWritten: 2_000_000, storageBytes: 0},
      {name: 'live-reader', rowsRead: 50_000_000, rowsWritten: 0, storageBytes: 0},
      {name: 'archive', rowsRead: 0, rowsWritten: 0, storageBytes: 4_000_000_000},
    ]
    const names = async (usage: Partial<PlatformUsage>) => (await report('2026-11-16T00:00:00Z', {perDatabase, ...usage})).strategies.map(({name}) => name)
    expect(await names({})).toEqual(['archive', 'live-writer', 'live-reader', 'stage-a', 'stage-b'])
    const unlimited = {storageBytes: {used: 4e9, quota: null}, rowsRead: {used: 5.1e7, quota: null}, rowsWritten: {used: 1e9, quota: null}}
    expect(await names(unlimited)).toEqual(['archive', 'live-reader', 'live-writer', 'stage-a', 'stage-b'])
  })
})

describe('a usage above a limit', () => {
  const above = async (limit: number, usage: Partial<PlatformUsage> = {}) => {
    const found = await report('2026-11-16T00:00:00Z', usage)
    try {
      checkBelow(found, limit)
      return 'nothing'
    } catch (error) {
      expect(error).toMatchObject({code: 'USAGE_ABOVE_LIMIT'})
      return error instanceof Error ? error.message : ''
    }
  }

  test('is an error that names all of it, and whether it is today or only by the end of the month', async () => {
    expect(await above(50)).toBe('Above 50% of the plan starter: rows written 60% by the end of the month.')
    expect(await above(45)).toBe('Above 45% of the plan starter: storage 50% today, rows written 60% by the end of the month.')
    expect(await above(60)).toBe('nothing')
  })

  test('is not rounded away', async () => {
    expect(await above(50, {storageBytes: {used: 2_500_000_001, quota: 5_000_000_000}})).toContain('storage 50% today')
  })

  test('is never what has no limit', async () => {
    const usage = {databases: {used: 9, quota: null}, storageBytes: {used: 0, quota: 0}, rowsRead: {used: 1, quota: 0}, rowsWritten: {used: 0, quota: 9}}
    expect(await above(0, usage)).toBe('Above 0% of the plan starter: rows read 100% today.')
  })
})

test('the usage is shown in units to a person, in whole numbers to a program', async () => {
  const perDatabase = [{name: 'stage-condor', rowsRead: 1_500_000, rowsWritten: 20, storageBytes: 4_096_000}]
  const found = await report('2026-11-16T00:00:00Z', {perDatabase, databases: {used: 3, quota: null}})
  const {plan, databases} = usageTables(found, {forPerson: true})
  expect(plan.rows).toEqual([
    ['databases', '3', '-', '-', '3', '-'],
    ['storage', '2.5 GB', '5.0 GB', '50.0', '2.5 GB', '50.0'],
    ['rows read', '100.0M', '500.0M', '20.0', '200.0M', '40.0'],
    ['rows written', '3.0M', '10.0M', '30.0', '6.0M', '60.0'],
  ])
  expect(databases.rows).toEqual([['stage-condor', '1.5M', '20', '4.1 MB']])
  const forProgram = usageTables(found, {forPerson: false})
  expect(forProgram.plan.rows[3]).toEqual(['rows written', '3000000', '10000000', '30.0', '6000000', '60.0'])
  expect(forProgram.databases.rows).toEqual([['stage-condor', '1500000', '20', '4096000']])
})
