import {describe, expect, test} from 'vitest'
import type {Permission} from '../../../src/platform/platform.ts'
import type {TokenRecord} from '../../../src/secrets/secret-store.ts'
import {reasonToRotate} from '../../../src/tokens/due.ts'

const day = 86_400
const now = new Date('2026-06-15T12:00:00Z')
const inDays = (days: number) => new Date(now.getTime() + days * day * 1000)

const permissions: Permission[] = [{tables: ['trade_logs'], actions: ['data_read', 'data_add']}]
const fresh: TokenRecord = {
  databaseId: 'id-1',
  url: 'https://stage-condor.test',
  template: 'condor',
  permissions: 'trade_logs:data_add,data_read',
  tokenSha256: '0123456789ab',
  issuedAt: inDays(-10),
  expiresAt: inDays(80),
  runId: 'run-1',
}

const wanted = {database: {id: 'id-1'}, botUrl: 'https://stage-condor.test', permissions, policy: {lifetimeSeconds: 90 * day, intervalSeconds: 30 * day}, now}
const reasonFor = (token: Partial<TokenRecord> | null, other: Partial<typeof wanted> = {}) =>
  reasonToRotate({url: null, token: token && {...fresh, ...token}, recordedAt: null, warnings: []}, {...wanted, ...other})

describe('a token', () => {
  test('that is as it should be is left alone', () => {
    expect(reasonFor({})).toBeUndefined()
    expect(reasonFor({databaseId: null})).toBeUndefined()
  })

  test.each<[string, Partial<TokenRecord> | null, string]>([
    ['of which nothing is known', null, 'nothing is known of a token'],
    ['of a database that was destroyed and made again', {databaseId: 'id-0'}, 'its token is for a database that was destroyed'],
    ['with another address', {url: 'https://elsewhere.test'}, 'the address of its database has changed'],
    ['that allows something else', {permissions: 'trade_logs:data_read'}, 'its template allows something else than its token'],
    ['that does not say what it allows', {permissions: null}, 'its template allows something else than its token'],
    ['that has expired', {expiresAt: inDays(-1)}, 'its token has expired'],
    ['that expires before its turn would come', {expiresAt: inDays(29)}, 'its token expires in 29 days'],
    ['that expires within the day', {expiresAt: inDays(0.2)}, 'its token expires in 4 hours'],
    ['from tomorrow', {issuedAt: inDays(1.1)}, 'its token is from the future: a clock is wrong'],
  ])('%s is replaced', (_, token, reason) => {
    expect(reasonFor(token)).toBe(reason)
  })

  test('is replaced a day before its interval is over, for a job that comes a little earlier than the last time', () => {
    expect(reasonFor({issuedAt: inDays(-28.9)})).toBeUndefined()
    expect(reasonFor({issuedAt: inDays(-29)})).toBe('its token is 29 days old')
  })

  test('with an interval of hours is replaced at its half', () => {
    const policy = {lifetimeSeconds: day, intervalSeconds: day / 2}
    expect(reasonFor({issuedAt: inDays(-0.2), expiresAt: inDays(0.8)}, {policy})).toBeUndefined()
    expect(reasonFor({issuedAt: inDays(-0.26), expiresAt: inDays(0.74)}, {policy})).toBe('its token is 6 hours old')
  })

  test('does not care in which order its template names tables and actions', () => {
    const split: Permission[] = [
      {tables: ['trade_logs'], actions: ['data_add']},
      {tables: ['trade_logs'], actions: ['data_read']},
    ]
    expect(reasonFor({}, {permissions: split})).toBeUndefined()
  })
})
