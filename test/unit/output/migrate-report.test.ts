import {describe, expect, test} from 'vitest'
import {exitCodeOf, migrateReport} from '../../../src/output/migrate-report.ts'
import {applied, current, failed, many, resultOf, skipped} from '../../helpers/migrate-result.ts'

const forPerson = {forPerson: true}
const forProgram = {forPerson: false}

describe('the report of a run', () => {
  test('lists each database with its outcome, and says how to undo it', () => {
    const result = resultOf([applied('live-a', '0002_a', '0003_b'), current('live-b')])
    expect(migrateReport(result, forPerson)).toEqual({
      table: {
        headers: ['NAME', 'STATUS', 'DETAIL'],
        rows: [
          ['live-a', 'applied', '0002_a, 0003_b'],
          ['live-b', 'current', 'nothing to do'],
        ],
      },
      warnings: [],
      next: ['To undo it: strat migrate undo --run run-1'],
    })
  })

  test('only counts for a person the many that had nothing to do, and lists them for a program', () => {
    const result = resultOf([applied('stage-a', '0002_a'), ...many(21, current)])
    const {table, next} = migrateReport(result, forPerson)
    expect(table.rows).toEqual([['stage-a', 'applied', '0002_a']])
    expect(next[0]).toBe('1 applied, 21 current')
    expect(migrateReport(result, forProgram).table.rows).toHaveLength(22)
    expect(migrateReport(resultOf(many(20, current)), forPerson).table.rows).toHaveLength(20)
    expect(migrateReport(resultOf(many(21, (name) => applied(name, '0002_a'))), forPerson).next[0]).toBe('21 applied')
  })

  test('tells each cause once, with the statement and the way out of its example', () => {
    const others = many(2, (name) => failed(name, `${name} has no table trades`, {statement: 'DROP TABLE trades', suggestions: ['Look at it.']}))
    const {warnings, table, next} = migrateReport(resultOf([failed('stage-a', 'The disk is full.'), ...others]), forPerson)
    expect(table.rows[0]).toEqual(['stage-a', 'failed', 'MIGRATION_FAILED'])
    expect(warnings).toEqual([
      {warning: '2 failures, as in live-0: live-0 has no table trades', hints: ['  Statement: DROP TABLE trades', '  Try: Look at it.']},
      {warning: '1 failure, as in stage-a: The disk is full.', hints: []},
    ])
    expect(next).toEqual(['Next: mend the causes, then the same command again: nothing is done twice.'])
  })

  test('shows the beginning of a long statement, on one line', () => {
    const {warnings} = migrateReport(resultOf([failed('live-a', 'boom', {statement: `INSERT INTO a\n  VALUES ${'(1), '.repeat(1000)}`})]), forPerson)
    expect(warnings[0]?.hints).toEqual([expect.stringMatching(/^ {2}Statement: INSERT INTO a VALUES (\(1\), )+.{0,5}…$/)])
    expect(warnings[0]?.hints[0]?.length).toBeLessThan(330)
  })

  test('says why databases were skipped, and which are not ours', () => {
    const result = resultOf([skipped('live-a', 'The market is open.'), skipped('live-b', 'The market is open.')], {unmarked: ['notes']})
    expect(migrateReport(result, forPerson).warnings.map(({warning}) => warning)).toEqual([
      '1 database not made by strat left alone: notes',
      '2 databases skipped, as live-a: The market is open.',
    ])
  })

  test('of an undo says undone, and offers no undo of it', () => {
    const {table, next} = migrateReport(resultOf([applied('live-a', '0002_a'), current('live-b')]), {forPerson: true, isUndo: true})
    expect({statuses: table.rows.map(([, status]) => status), next}).toEqual({statuses: ['undone', 'current'], next: []})
  })

  test('says on whose copies it was rehearsed, and of which tables there are fewer rows then', () => {
    const rehearsals = [
      {database: 'live-a', fork: 'copy-1', tables: [{name: 'trades', before: 2, after: 2}]},
      {
        database: 'live-b',
        fork: 'copy-2',
        tables: [
          {name: 'trades', before: 2, after: 1},
          {name: 'notes', before: 1, after: null},
        ],
      },
    ]
    expect(migrateReport(resultOf([current('live-a')], {rehearsals}), forPerson).next).toEqual([
      'Rehearsed on a copy of live-a: all rows kept.',
      'Rehearsed on a copy of live-b: fewer rows then: trades had 2, has 1; notes had 1, has no table.',
    ])
  })

  test('of an empty shard says that it is empty', () => {
    const {table, next} = migrateReport(resultOf([], {shard: {index: 2, count: 4}}), forPerson)
    expect({rows: table.rows, next}).toEqual({rows: [], next: ['No database is in shard 2/4.']})
    expect(migrateReport(resultOf([], {unmarked: ['notes']}), forPerson).next).toEqual(['No database is ours.'])
  })

  test('of an interrupted run says how to go on', () => {
    const result = resultOf([applied('live-a', '0002_a'), failed('live-b', 'boom'), skipped('live-c', 'Interrupted.')], {interrupted: true})
    expect(migrateReport(result, forPerson).next).toEqual(['Next: the same command again, for those that were not reached: nothing is done twice.'])
  })
})

test.each([
  [0, resultOf([applied('live-a', '0002_a'), current('live-b'), skipped('live-c', 'The market is open.')])],
  [3, resultOf([applied('live-a', '0002_a'), failed('live-b', 'boom')])],
  [130, resultOf([failed('live-b', 'boom')], {interrupted: true})],
  [0, resultOf([])],
])('the exit code is %i', (code, result) => expect(exitCodeOf(result)).toBe(code))
