import * as v from 'valibot'
import type {PlatformDatabase, PlatformUsage} from './platform.ts'
import type {Send} from './turso-api.ts'
import {answerInvalid} from './turso-errors.ts'

const count = v.optional(v.number(), 0)
const used = {rows_read: count, rows_written: count, storage_bytes: count}
/** The API is described with `total`, its own clients read `usage`. */
const databaseUsage = v.object({uuid: v.string(), usage: v.optional(v.object(used)), total: v.optional(v.object(used))})
const usageAnswer = v.object({
  organization: v.object({usage: v.object({...used, databases: v.optional(v.number())}), databases: v.nullish(v.array(databaseUsage), [])}),
})

const planName = v.object({plan: v.optional(v.string()), name: v.optional(v.string())})
const subscriptionAnswer = v.object({subscription: v.union([v.string(), planName])})

const quota = v.nullish(v.number(), null)
const plan = v.object({name: v.string(), quotas: v.object({databases: quota, storage: quota, rowsRead: quota, rowsWritten: quota})})
const plansAnswer = v.object({plans: v.array(plan)})

/**
 * What an organization has used this month, and what its plan allows; `path` is the organization's.
 *
 * @throws TursoRefusal; StratError TURSO_ANSWER_INVALID
 */
export async function readUsage(send: Send, host: string, path: string, databases: PlatformDatabase[]): Promise<PlatformUsage> {
  const ask = async <T>(what: string, schema: v.GenericSchema<unknown, T>) => check(host, what, schema, await send(`${path}/${what}`))
  const [{organization}, {subscription}, {plans}] = await Promise.all([
    ask('usage', usageAnswer),
    ask('subscription', subscriptionAnswer),
    ask('plans', plansAnswer),
  ])
  const name = typeof subscription === 'string' ? subscription : (subscription.plan ?? subscription.name ?? '')
  const quotas = plans.find((plan) => plan.name.toLowerCase() === name.toLowerCase())?.quotas
  const {usage} = organization
  const byId = new Map(organization.databases.map(({uuid, usage, total}) => [uuid, usage ?? total]))
  return {
    plan: name,
    databases: {used: usage.databases ?? databases.length, quota: limitOf(quotas?.databases)},
    storageBytes: {used: usage.storage_bytes, quota: limitOf(quotas?.storage)},
    rowsRead: {used: usage.rows_read, quota: limitOf(quotas?.rowsRead)},
    rowsWritten: {used: usage.rows_written, quota: limitOf(quotas?.rowsWritten)},
    perDatabase: databases.map(({name, id}) => {
      const {rows_read = 0, rows_written = 0, storage_bytes = 0} = byId.get(id) ?? {}
      return {name, rowsRead: rows_read, rowsWritten: rows_written, storageBytes: storage_bytes}
    }),
  }
}

/** Plans without a limit say null, a negative number, or one that nobody can reach. */
const limitOf = (quota: number | null | undefined) => (typeof quota === 'number' && quota >= 0 && quota < Number.MAX_SAFE_INTEGER ? quota : null)

function check<T>(host: string, what: string, schema: v.GenericSchema<unknown, T>, answer: unknown): T {
  const result = v.safeParse(schema, answer)
  if (result.success) return result.output
  throw answerInvalid(host, `its ${what} lacks ${result.issues[0].path?.map(({key}) => String(key)).join('.') ?? 'everything'}`)
}
