import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {execute} from '../../../helpers/database.ts'
import {ServedDatabase} from '../../../helpers/served-database.ts'
import {test} from '../../../helpers/test.ts'

type Step = {sql: string; args?: (string | number)[]}
type Counted = [rowsRead: number, rowsWritten: number]
type Result = {rows_read: number; rows_written: number} | null

/** What a server counts for the statements of one batch; the message where one fails. */
async function counted(folder: string, steps: Step[]): Promise<(Counted | string)[]> {
  await mkdir(folder, {recursive: true})
  const file = join(folder, 'strategy.db')
  await execute(file, 'CREATE TABLE IF NOT EXISTS trade (rowid INTEGER PRIMARY KEY, id TEXT UNIQUE, price REAL)')
  const database = new ServedDatabase(file)
  const toValue = (value: string | number) => (typeof value === 'string' ? {type: 'text', value} : {type: 'integer', value: String(value)})
  const batch = {steps: steps.map(({sql, args = []}) => ({stmt: {sql, args: args.map(toValue), want_rows: true}}))}
  const {body} = await database.answer(JSON.stringify({baton: null, requests: [{type: 'batch', batch}, {type: 'close'}]}))
  const [{response}] = JSON.parse(body).results
  const {step_results: results, step_errors: errors} = response.result as {step_results: Result[]; step_errors: ({message: string} | null)[]}
  return results.map((result, index) => (result ? [result.rows_read, result.rows_written] : (errors[index]?.message ?? '')))
}

const insert = (id: string): Step => ({sql: 'INSERT INTO trade (id, price) VALUES (?1, 1.5)', args: [id]})
const remove = 'DELETE FROM trade WHERE rowid = ?1 AND price IS 1.5'

describe('a change that comes again', () => {
  test('is counted each time as the first time', async ({folder}) => {
    const steps = [...['a', 'b', 'c'].map(insert), ...[1, 2, 3].map((rowid) => ({sql: remove, args: [rowid]}))]
    expect(await counted(folder, [...steps, ...steps])).toEqual(Array.from({length: 2}, () => [...Array(3).fill([0, 2]), ...Array(3).fill([1, 1])]).flat())
  })

  test('is counted after one that failed, whose changes are not kept', async ({folder}) => {
    const [first, failed, next] = await counted(folder, [insert('a'), insert('a'), insert('b')])
    expect([first, next]).toEqual([
      [0, 2],
      [0, 2],
    ])
    expect(failed).toContain('UNIQUE')
    expect(await counted(folder, [{sql: 'SELECT id FROM trade'}])).toEqual([[2, 0]])
  })

  test('is not taken for a newer one with whose text it begins', async ({folder}) => {
    const long = (rowid: number): Step => ({sql: 'DELETE FROM trade WHERE rowid < ?1 AND price IS 1.5 AND id IS NOT ?2', args: [rowid, 'b']})
    const short = {sql: 'DELETE FROM trade WHERE rowid < ?1 AND price IS 1.5', args: [0]}
    const all = [...['a', 'b', 'c'].map(insert), long(1)]
    const [alone] = (await counted(join(folder, 'alone'), [...all, long(4)])).slice(-1)
    expect(alone).toEqual([4, 2])
    expect((await counted(join(folder, 'both'), [...all, short, long(4)])).at(-1)).toEqual(alone)
  })
})
