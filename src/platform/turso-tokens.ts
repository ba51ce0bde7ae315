import {decodeDatabaseToken} from '../database-token.ts'
import type {DatabaseToken, Permission, Platform, PlatformDatabase, TokenRequest} from './platform.ts'
import type {Send} from './turso-api.ts'
import {answerInvalid, LostAnswer, TursoRefusal} from './turso-errors.ts'

/** Where tokens are minted: `organizations/…/databases/NAME` or `organizations/…/groups/NAME`, and the host for messages. */
export type Mint = {send: Send; host: string}

/**
 * Mints a token that expires. A second one does no harm, so a lost reply is asked for again.
 *
 * @throws TursoRefusal; StratError TURSO_ANSWER_INVALID where no token comes back, or one that never expires
 */
export async function mintToken({send, host}: Mint, owner: string, {lifetimeSeconds, permissions, readOnly = false}: TokenRequest): Promise<DatabaseToken> {
  const body = JSON.stringify(permissions ? {fine_grained_permissions: permissions.map(toRule)} : {})
  const path = `${owner}/auth/tokens?expiration=${durationOf(lifetimeSeconds)}&authorization=${readOnly ? 'read-only' : 'full-access'}`
  const {jwt} = ((await send(path, {method: 'POST', body, isRepeatable: true})) ?? {}) as {jwt?: unknown}
  const claims = typeof jwt === 'string' ? decodeDatabaseToken(jwt) : undefined
  const leftMs = (claims?.expiresAt.getTime() ?? 0) - Date.now()
  if (typeof jwt !== 'string' || !claims || leftMs <= 0)
    throw answerInvalid(host, 'it gives no database token, or one that never expires, or has expired by the clock of this machine')
  if (leftMs > (lifetimeSeconds + clockToleranceSeconds) * 1000) throw answerInvalid(host, 'it gives a token that lives longer than was asked for')
  return {jwt, expiresAt: claims.expiresAt}
}

/**
 * Changes the key of a database's tokens, or of its group's where Turso wants that; `path` is the organization's. It is sent once.
 *
 * @throws TursoRefusal
 */
export async function invalidateTokens(
  send: Send,
  path: string,
  {name, group}: Pick<PlatformDatabase, 'name' | 'group'>,
): ReturnType<Platform['invalidateTokens']> {
  const invalidate = async (owner: string) => {
    try {
      await send(`${path}/${owner}/auth/rotate`, {method: 'POST'})
      return 'invalidated' as const
    } catch (error) {
      if (error instanceof LostAnswer) return 'unknown'
      throw error
    }
  }
  try {
    return await invalidate(`databases/${name}`)
  } catch (error) {
    // It did nothing, and says that a database of a group has no key of its own.
    if (!(error instanceof TursoRefusal) || error.status === 404 || group === '' || !/\bgroup\b/i.test(error.message)) throw error
    return invalidate(`groups/${group}`)
  }
}

/** How far the platform's clock may be from ours. */
const clockToleranceSeconds = 86_400

const toRule = ({tables, actions}: Permission) => ({t: tables, a: actions})

/** Turso's grammar for expirations, in whole minutes, of which there is at least one: `2w1d12h30m`. */
function durationOf(seconds: number): string {
  let minutes = Math.max(1, Math.ceil(seconds / 60))
  let text = ''
  for (const [unit, size] of Object.entries({w: 10_080, d: 1440, h: 60, m: 1})) {
    const count = Math.floor(minutes / size)
    if (count > 0) text += `${count}${unit}`
    minutes -= count * size
  }
  return text
}

/** How long strat's own tokens live, and how long before their end they are replaced: a run over a fleet may outlast one. */
const own = {lifetimeSeconds: 3600, reserveMs: 10 * 60_000}

/**
 * Keeps strat's own tokens: one for each group, for all of its databases, or one for each database where the platform token
 * may not mint the group's. They are only ever in memory.
 */
export class OwnTokens {
  readonly #mint: Mint
  readonly #minted = new Map<string, Promise<DatabaseToken>>()
  readonly #refusedGroups = new Set<string>()

  constructor(mint: Mint) {
    this.#mint = mint
  }

  /** The token that opens a database of the organization at `path`, minted at most once for many that ask at once. */
  async forDatabase(path: string, {name, group}: Pick<PlatformDatabase, 'name' | 'group'>): Promise<string> {
    if (group !== '' && !this.#refusedGroups.has(group)) {
      try {
        return await this.#get(`${path}/groups/${group}`)
      } catch (error) {
        if (!(error instanceof TursoRefusal) || ![403, 404].includes(error.status)) throw error
        this.#refusedGroups.add(group)
      }
    }
    return this.#get(`${path}/databases/${name}`)
  }

  /** Mints new ones from now on: those that it has may be refused. */
  forget(): void {
    this.#minted.clear()
  }

  async #get(owner: string): Promise<string> {
    const known = this.#minted.get(owner)
    const token = await known
    if (token && token.expiresAt.getTime() - Date.now() > own.reserveMs) return token.jwt
    // Somebody else may have begun to replace it meanwhile.
    const current = this.#minted.get(owner)
    const minting = current === known || current === undefined ? mintToken(this.#mint, owner, own) : current
    this.#minted.set(owner, minting)
    minting.catch(() => this.#minted.delete(owner))
    return (await minting).jwt
  }
}
