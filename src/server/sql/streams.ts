import {createHmac, randomBytes, timingSafeEqual} from 'node:crypto'
import {ProtocolError} from './statement-error.ts'

/** How long a stream lives between two requests, and how long it is remembered that it expired. As in sqld. */
export const expirationMs = 10_000
const cleanupMs = 300_000

/** What a stream belongs to: a baton opens it only with both. */
export type Owner = {database: string; token: string}

/** How many streams of one database may be open between requests; sqld's `--max-concurrent-connections`, by default. */
const maxOpen = 128

type Kept<S> = {owner: Owner; sequence: bigint; stream: S | 'in use' | 'expired'; timer: NodeJS.Timeout | undefined}

/**
 * Streams between their requests. A baton is an id and a sequence number with an authentication code, in base64:
 * each opens its stream once, for the database and the token that it was made with.
 */
export class Streams<S extends {close(): void}> {
  readonly #key = randomBytes(32)
  readonly #streams = new Map<bigint, Kept<S>>()

  /**
   * Takes the stream that a baton opens; it must be kept or dropped afterwards.
   *
   * @throws ProtocolError for a baton that is invalid, used, or of a stream that has expired
   */
  take(baton: string, owner: Owner): {id: bigint; stream: S} {
    const {id, sequence} = this.#decode(baton)
    const kept = this.#streams.get(id)
    if (!kept || kept.owner.database !== owner.database || kept.owner.token !== owner.token) throw new ProtocolError('Received an invalid baton')
    const {stream} = kept
    if (stream === 'expired') {
      const json = {message: 'The stream has expired due to inactivity', code: 'STREAM_EXPIRED'}
      throw new ProtocolError(json.message, {json})
    }
    if (stream === 'in use' || kept.sequence !== sequence) throw new ProtocolError('Received a baton that has already been used')
    clearTimeout(kept.timer)
    kept.stream = 'in use'
    kept.sequence = BigInt.asUintN(64, sequence + 1n)
    return {id, stream}
  }

  /**
   * Keeps a stream for the next request and returns its baton.
   *
   * @throws ProtocolError where the database has too many open already
   */
  keep(stream: S, owner: Owner, taken: bigint | undefined): string {
    if (taken === undefined && this.#countOpen(owner.database) >= maxOpen) {
      throw new ProtocolError('Too many concurrent streams', {status: 429, json: {error: 'Too many concurrent streams'}})
    }
    const id = taken ?? randomBytes(8).readBigUInt64BE()
    const kept = this.#streams.get(id) ?? {owner, sequence: randomBytes(8).readBigUInt64BE(), stream, timer: undefined}
    kept.stream = stream
    kept.timer = setTimeout(() => this.#expire(id, kept), expirationMs).unref()
    this.#streams.set(id, kept)
    return this.#encode(id, kept.sequence)
  }

  /** Forgets a stream that was taken and is closed now. */
  drop(taken: bigint | undefined): void {
    if (taken !== undefined) this.#streams.delete(taken)
  }

  /** Closes the streams of one database, or all. */
  closeAll(database?: string): void {
    for (const [id, kept] of this.#streams) {
      if (database !== undefined && kept.owner.database !== database) continue
      clearTimeout(kept.timer)
      if (typeof kept.stream === 'object') kept.stream.close()
      this.#streams.delete(id)
    }
  }

  #countOpen(database: string): number {
    let count = 0
    for (const {owner, stream} of this.#streams.values()) if (owner.database === database && stream !== 'expired') count += 1
    return count
  }

  #expire(id: bigint, kept: Kept<S>): void {
    if (typeof kept.stream === 'object') kept.stream.close()
    kept.stream = 'expired'
    kept.timer = setTimeout(() => this.#streams.delete(id), cleanupMs).unref()
  }

  #encode(id: bigint, sequence: bigint): string {
    const payload = Buffer.alloc(16)
    payload.writeBigUInt64BE(id, 0)
    payload.writeBigUInt64BE(sequence, 8)
    return Buffer.concat([payload, this.#code(payload)]).toString('base64')
  }

  #decode(baton: string): {id: bigint; sequence: bigint} {
    const bytes = Buffer.from(baton, 'base64')
    const payload = bytes.subarray(0, 16)
    if (bytes.length !== 48 || !timingSafeEqual(bytes.subarray(16), this.#code(payload))) throw new ProtocolError('Received an invalid baton')
    return {id: payload.readBigUInt64BE(0), sequence: payload.readBigUInt64BE(8)}
  }

  #code(payload: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(payload).digest()
  }
}
