import fc from 'fast-check'
import {expect, test} from 'vitest'
import type {DatabaseState} from '../../../src/database/inspect.ts'
import {DatabaseClasses} from '../../../src/migrator/database-class.ts'

const names = fc.subarray(['0001_a', '0002_b', '0003_c'])

/** How a database may stand; few values, so that many stand alike. */
const anyState = fc.record({
  kind: fc.constantFrom('strategy' as const, 'archive' as const),
  schema: fc.subarray(['CREATE TABLE a (x)', 'CREATE TABLE a (x )', 'CREATE TABLE "a" (x)']),
  ledger: names,
  applied: names,
  checksum: fc.constantFrom('one', 'two'),
  runId: fc.constantFrom('the-run', 'another', 'a-third'),
  latestTimestamp: fc.nat(2),
})

test('two databases are of one class exactly if kind, schema, ledger, checksums and what the run applied are equal', () => {
  fc.assert(
    fc.property(fc.array(anyState, {minLength: 2, maxLength: 12}), (all) => {
      const classes = new DatabaseClasses({id: 'the-run'})
      const found = all.map(({kind, schema, ledger, applied, checksum, runId, latestTimestamp}, index) => {
        const name = `stage-${index}`
        const marker = {strategy: name, kind, template: `template-${index}`, createdAt: String(index)}
        const state: DatabaseState = {
          schema: schema.map((sql) => ({type: 'table', name: 'a', sql})),
          ledger,
          latestTimestamp,
          applied: applied.map((migration) => ({name: migration, checksum, runId})),
          marker,
        }
        const byRun = runId === 'the-run' ? applied : []
        return {class: classes.of(name, state), alike: [kind, schema, ledger, applied.map((migration) => [migration, checksum]), byRun]}
      })
      for (const one of found) {
        for (const other of found) expect(one.class === other.class).toBe(JSON.stringify(one.alike) === JSON.stringify(other.alike))
      }
    }),
    {numRuns: 200},
  )
})
