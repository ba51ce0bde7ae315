import {StratError} from '../errors.ts'

/** One of `count` parts of a fleet; `index` counts from 1. */
export type Shard = {index: number; count: number}

/** As many jobs as a matrix of GitHub Actions may have. */
export const maxShards = 256

/**
 * A shard as `--shard` takes it: `2/4`.
 *
 * @throws StratError USAGE
 */
export function parseShard(text: string): Shard {
  const [, index = 0, count = 0] = /^([1-9]\d{0,2})\/([1-9]\d{0,2})$/.exec(text)?.map(Number) ?? []
  if (index >= 1 && index <= count && count <= maxShards) return {index, count}
  throw new StratError('USAGE', `--shard takes which part of how many, from 1/1 to ${maxShards}/${maxShards}, not "${text}".`, {
    suggestions: ['--shard 2/4'],
  })
}

/** A shard as a person and `--shard` write it. */
export const shardName = ({index, count}: Shard) => `${index}/${count}`

/** Whether a database belongs to a shard: to exactly one of `count`, the same one on every machine and in every version. */
export const isInShard = (name: string, {index, count}: Shard): boolean => murmur3(name) % count === index - 1

/** MurmurHash3 (x86, 32 bits, seed 0) of a text of ASCII characters, as databases' names are. */
export function murmur3(text: string): number {
  let hash = 0
  for (let start = 0; start < text.length; start += 4) {
    const block = [0, 1, 2, 3].reduce((bits, byte) => bits | ((text.charCodeAt(start + byte) & 0xff) << (8 * byte)), 0)
    hash ^= Math.imul(rotateLeft(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593)
    if (start + 4 <= text.length) hash = (Math.imul(rotateLeft(hash, 13), 5) + 0xe6546b64) | 0
  }
  hash ^= text.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const rotateLeft = (bits: number, by: number) => (bits << by) | (bits >>> (32 - by))
