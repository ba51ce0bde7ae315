import type {Permission} from '../../platform/platform.ts'
import type {ParsedStatement} from './parse-statements.ts'
import {ProtocolError, StatementError} from './statement-error.ts'

/** What a request may do, by its token and by its database's configuration. */
export type Access = {
  database: string
  /** Stands for the token, and is not it. */
  token: string
  isReadOnly: boolean
  /** The token's fine-grained permissions; undefined where it has none, and may do all. */
  permissions: Permission[] | undefined
  blockReads: boolean
  blockWrites: boolean
  /** Bytes; null for no limit. */
  sizeLimit: number | null
  /** Whether to answer as Turso Cloud where it differs from the open-source server. */
  isCloud: boolean
}

/**
 * Refuses a read-only token's write. The open-source server answers the whole pipeline so, Turso Cloud the one statement.
 *
 * @throws ProtocolError with 403, or StatementError BLOCKED
 */
export function checkReadOnly({kind}: ParsedStatement, {isReadOnly, isCloud, database}: Access): void {
  if (!isReadOnly || kind !== 'write') return
  if (isCloud) throw new StatementError('BLOCKED', 'Operation was blocked: SQL write operations are forbidden (the token is read-only)')
  const message = `Authorization forbidden: Current session doesn't not have Write permission to namespace ${database}`
  throw new ProtocolError(message, {status: 403, json: {error: message}})
}

/** Refuses what the database's owner, or a spent quota, blocks. @throws StatementError BLOCKED */
export function checkBlocked({kind}: ParsedStatement, {blockReads, blockWrites}: Access): void {
  const isBlocked = kind === 'write' ? blockReads || blockWrites : (kind === 'read' || kind === 'begin') && blockReads
  if (isBlocked) throw new StatementError('BLOCKED', `Operation was blocked: ${blockReads ? 'reads and writes are' : 'writes are'} blocked for this database`)
}
