import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import type {Permission} from '../../../../src/platform/platform.ts'
import {checkerFor, permissions, strategyTables} from '../../../helpers/checker.ts'

/** Calls every verb of the Python store, and the bot's own functions, on a store that prints its statements instead of sending them. */
const recorder = `
import json, sys
import bot
from strat_store import Leg, Result, Store, StoreError

class Recorder(Store):
    def _request(self, request, decode, idempotent):
        steps = request["batch"]["steps"] if "batch" in request else [request]
        for step in steps:
            print(json.dumps(step["stmt"]["sql"]), file=sys.stderr)
        position = ("id", "NIFTY", 24000.0, "CE", -75, 100.0, None, None, "2026-11-22 09:20:05")
        results = [Result((), [position] if "FROM active_positions ORDER BY" in step["stmt"]["sql"] else [], 0, None) for step in steps]
        return results[1:-2] if "batch" in request else results[0]

store = Recorder("http://127.0.0.1:1", "token")
bot.print_state(store)
bot.close_condor(store, 24000.0)
try:
    store.open_position(bot.iron_condor(24000.0), margin_change=-1.5)
except StoreError as error:
    assert error.code == "LEG_CLOSED"
`

function statementsOfTheBot(): string[] {
  const env = {...process.env, PYTHONPATH: 'templates/python', PYTHONDONTWRITEBYTECODE: '1'}
  const run = spawnSync('python3', ['-c', recorder], {env, encoding: 'utf8'})
  expect(run.status, run.stderr).toBe(0)
  return run.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const template: {permissions: Permission[]} = JSON.parse(readFileSync('templates/strategies/condor.json', 'utf8'))

test("the condor's permissions allow everything that the Python store and the bot send", () => {
  const checker = checkerFor(strategyTables)
  const statements = statementsOfTheBot()
  for (const verb of ['BEGIN', 'SELECT', 'INSERT', 'DELETE', 'COMMIT', 'ROLLBACK']) expect(statements.some((sql) => sql.startsWith(verb))).toBe(true)
  for (const sql of statements) expect(checker.refusal(sql, template.permissions), sql).toBeUndefined()
  checker.close()
})

test("the condor's permissions keep the trades as they are", () => {
  const checker = checkerFor(strategyTables)
  const harmful = ['DELETE FROM trade_logs', 'UPDATE trade_logs SET pnl = 1', "REPLACE INTO trade_logs (id) VALUES ('1')", 'DROP TABLE trade_logs']
  for (const sql of harmful) {
    expect(checker.refusal(sql, template.permissions), sql).toMatch(/^not authorized: (data|schema)_\w+ on trade_logs/)
    expect(checker.refusal(sql, permissions('*: data_read data_add data_update data_delete schema_delete')), sql).toBeUndefined()
  }
  checker.close()
})
