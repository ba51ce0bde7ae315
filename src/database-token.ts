/** What a database token says of itself; whether it is genuine, only its server knows. */
export type DatabaseTokenClaims = {
  /** Null in a token for a group. */
  databaseId: string | null
  /** Null where it does not say. */
  issuedAt: Date | null
  expiresAt: Date
  /** As `permissionsText` has it; null where it does not say. */
  permissions: string | null
}

/** Reads a database token (a JWT), or returns undefined for anything else, also for one that never expires. */
export function decodeDatabaseToken(jwt: string): DatabaseTokenClaims | undefined {
  const parts = /^([\w-]+)\.([\w-]+)\.[\w-]+$/.exec(jwt)
  const [header, claims] = [toObject(parts?.[1]), toObject(parts?.[2])]
  const expiresAt = toInstant(claims?.['exp'])
  if (typeof header?.['alg'] !== 'string' || !expiresAt) return undefined
  return {
    databaseId: typeof claims?.['id'] === 'string' ? claims['id'] : null,
    issuedAt: toInstant(claims?.['iat']) ?? null,
    expiresAt,
    permissions: rulesText(claims?.['perm']) ?? null,
  }
}

/** What fine-grained permissions allow, always in the same words and order: `portfolio_state:data_read trade_logs:data_add,data_read`. */
export function permissionsText(permissions: {tables: string[] | null; actions: string[]}[]): string {
  const actionsOf = new Map<string, Set<string>>()
  for (const {tables, actions} of permissions) {
    for (const table of tables ?? ['*']) actionsOf.set(table, new Set([...(actionsOf.get(table) ?? []), ...actions]))
  }
  return [...actionsOf]
    .map(([table, actions]) => `${table}:${[...actions].sort().join(',')}`)
    .sort()
    .join(' ')
}

/** Turso's own form of them in a token: `[{t, a}]`. */
function rulesText(rules: unknown): string | undefined {
  if (!Array.isArray(rules)) return undefined
  const permissions: Parameters<typeof permissionsText>[0] = []
  for (const rule of rules) {
    const {t: tables = null, a: actions} = {...rule}
    if (!(tables === null || isTexts(tables)) || !isTexts(actions)) return undefined
    permissions.push({tables, actions})
  }
  return permissionsText(permissions)
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((each) => typeof each === 'string')

/** From seconds since 1970. */
const toInstant = (seconds: unknown) => (typeof seconds === 'number' && seconds > 0 && seconds < 1e11 ? new Date(seconds * 1000) : undefined)

function toObject(part: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString())
    return typeof value === 'object' && value !== null ? {...value} : undefined
  } catch {
    return undefined
  }
}
