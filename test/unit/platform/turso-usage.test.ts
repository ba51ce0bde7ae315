import {describe, expect, test} from 'vitest'
import {openTurso} from '../../helpers/turso-platform.ts'
import {usingTursoServer} from '../../helpers/turso-server.ts'

const path = '/v1/organizations/desk'
const used = (rows_read: number) => ({rows_read, rows_written: 20, storage_bytes: 4096})
const starter = {name: 'starter', price: '0', quotas: {databases: 100, storage: 5_000_000_000, rowsRead: 500_000_000, rowsWritten: 10_000_000}}

/** Lends a platform with the databases stage-a and stage-b, and answers about their organization's use. */
const usingUsage = (answers: (ids: string[]) => Record<string, unknown>, use: (usage: Promise<unknown>) => Promise<void>) =>
  usingTursoServer(async (server) => {
    const ids: string[] = []
    for (const name of ['stage-a', 'stage-b']) ids.push((await openTurso(server).createDatabase(name)).database.id)
    for (const [what, answer] of Object.entries(answers(ids))) server.answers[`${path}/${what}`] = answer
    await use(openTurso(server).readUsage())
  })

describe('the usage of an organization', () => {
  test.for(['usage', 'total'])('is read where a database has it under %j', (key) =>
    usingUsage(
      ([a]) => ({
        usage: {
          organization: {
            uuid: 'o',
            usage: {...used(700), databases: 2},
            databases: [
              {uuid: a, [key]: used(650)},
              {uuid: 'gone', [key]: used(50)},
            ],
          },
        },
        subscription: {subscription: {name: 'starter', overages: false, plan: 'starter', timeline: 'monthly'}},
        plans: {plans: [{...starter, name: 'scaler'}, starter]},
      }),
      async (usage) =>
        expect(await usage).toEqual({
          plan: 'starter',
          databases: {used: 2, quota: 100},
          storageBytes: {used: 4096, quota: 5_000_000_000},
          rowsRead: {used: 700, quota: 500_000_000},
          rowsWritten: {used: 20, quota: 10_000_000},
          perDatabase: [
            {name: 'stage-a', rowsRead: 650, rowsWritten: 20, storageBytes: 4096},
            {name: 'stage-b', rowsRead: 0, rowsWritten: 0, storageBytes: 0},
          ],
        }),
    ),
  )

  test('is read without quotas where the plan sets none, or is not listed', async () => {
    const answers = (quotas: object, subscription: unknown) => () => ({
      usage: {organization: {usage: used(1)}},
      subscription: {subscription},
      plans: {plans: [{name: 'Pro', quotas}]},
    })
    const unlimited = {databases: {used: 2, quota: null}, rowsRead: {used: 1, quota: null}}
    await usingUsage(answers({databases: null, rowsRead: -1}, 'pro'), async (usage) => expect(await usage).toMatchObject({plan: 'pro', ...unlimited}))
    await usingUsage(answers({databases: 5, rowsRead: 5}, {plan: 'custom'}), async (usage) => expect(await usage).toMatchObject({plan: 'custom', ...unlimited}))
  })

  test('that is no usage names what it lacks', () =>
    usingUsage(
      () => ({usage: {organization: {usage: {rows_read: 'many'}}}, subscription: {subscription: 'starter'}, plans: {plans: []}}),
      async (usage) =>
        expect(usage).rejects.toMatchObject({code: 'TURSO_ANSWER_INVALID', message: expect.stringContaining('usage lacks organization.usage.rows_read')}),
    ))
})
