import type {Client} from '@libsql/client/sqlite3'

/** The one organization of a local platform. */
export type Organization = {id: string; plan: string; timeline: string; overages: boolean; requireMfa: boolean}

/** What the registry knows of the organization. */
export function organizationRecord(client: Client) {
  return {
    async read(): Promise<Organization> {
      const {rows} = await client.execute('SELECT * FROM organization')
      return toOrganization(rows[0] ?? {})
    },

    /** Changes what is given, in one step. */
    async update({plan, timeline, overages, requireMfa}: Partial<Organization>): Promise<Organization> {
      const {rows} = await client.execute({
        sql: `UPDATE organization SET plan = coalesce(?, plan), timeline = coalesce(?, timeline), overages = coalesce(?, overages),
          require_mfa = coalesce(?, require_mfa) RETURNING *`,
        args: [plan ?? null, timeline ?? null, flag(overages), flag(requireMfa)],
      })
      return toOrganization(rows[0] ?? {})
    },
  }
}

const flag = (value: boolean | undefined) => (value === undefined ? null : Number(value))

function toOrganization(row: Record<string, unknown>): Organization {
  return {
    id: String(row['id']),
    plan: String(row['plan']),
    timeline: String(row['timeline']),
    overages: row['overages'] === 1,
    requireMfa: row['require_mfa'] === 1,
  }
}
