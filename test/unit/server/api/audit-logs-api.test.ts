import {describe, expect} from 'vitest'
import {openApi} from '../../../helpers/platform-api.ts'
import {test} from '../../../helpers/test.ts'

describe('the audit log', () => {
  test('tells what was done, the newest first, by pages', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'}, {'user-agent': 'turso-cli/v1.0.15'})
    await call('PATCH databases/stage-a/configuration', {delete_protection: true})
    await call('PATCH databases/stage-a/configuration', {delete_protection: true})
    await call('DELETE databases/stage-a')
    await call('PATCH databases/stage-a/configuration', {delete_protection: false})
    await call('POST databases/stage-a/auth/tokens')
    await call('DELETE databases/stage-a')
    const codes = ['db-delete', 'db-token-create', 'db-unprotect', 'db-protect', 'db-create']
    const {audit_logs, pagination} = (await call('GET audit-logs')).json
    expect(audit_logs.map(({code}: {code: string}) => code)).toEqual(codes)
    expect(pagination).toEqual({page: 1, page_size: 100, total_pages: 1, total_rows: 5})
    expect(audit_logs.at(-1)).toMatchObject({origin: 'cli', author: 'local', data: {database: 'stage-a', group: 'default'}})
    expect(audit_logs.at(0)).toMatchObject({origin: 'web'})
    const second = (await call('GET audit-logs?page=2&page_size=2')).json
    expect(second.audit_logs.map(({code}: {code: string}) => code)).toEqual(codes.slice(2, 4))
    expect(second.pagination).toEqual({page: 2, page_size: 2, total_pages: 3, total_rows: 5})
    expect((await call('GET audit-logs?page=9')).json.audit_logs).toEqual([])
    expect((await call('GET audit-logs?page=0')).status).toBe(400)
  })

  test('holds no token', async ({folder}) => {
    const {call} = openApi(folder)
    await call('POST databases', {name: 'stage-a'})
    const secrets = [
      (await call('POST databases/stage-a/auth/tokens')).json.jwt,
      (await call('POST groups/default/auth/tokens')).json.jwt,
      (await call('POST /v1/auth/api-tokens/ci')).json.token,
    ]
    const {text} = await call('GET audit-logs')
    expect(text).toContain('user-token-create')
    for (const secret of secrets) expect(text).not.toContain(secret)
  })
})
