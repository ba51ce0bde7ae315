import {expect} from 'vitest'
import {describePlan} from '../../../src/migrator/plan-fleet.ts'
import {makeCounter, migrateAll, prepareAll} from '../../helpers/counting-fleet.ts'
import {testOnServer as test} from '../../helpers/turso-platform.ts'

/** The statements of a request. */
const statementsIn = (body: string): string[] =>
  (JSON.parse(body) as {requests: {stmt?: {sql: string}; batch?: {steps: {stmt: {sql: string}}[]}}[]}).requests.flatMap(({stmt, batch}) => [
    ...(stmt ? [stmt.sql] : []),
    ...(batch?.steps.map((step) => step.stmt.sql) ?? []),
  ])

test('a plan says exactly which statements are sent, and reading it changes nothing', async (server) => {
  await makeCounter(server, 'stage-a', 3)
  const plan = describePlan(await prepareAll(server))
  const planned = plan.classes.flatMap(({migrations}) => migrations.flatMap(({statements}) => statements.map(({sql}) => sql)))
  expect(planned).toHaveLength(2)
  const sent: string[] = []
  server.watch = (line, body) => {
    if (line.includes('/dev/')) sent.push(...statementsIn(body))
  }
  await migrateAll(server)
  expect(sent.filter((sql) => /counter/.test(sql))).toEqual(planned)
})
