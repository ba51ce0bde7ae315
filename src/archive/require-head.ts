import {usingDatabase} from '../database/connect.ts'
import {StratError} from '../errors.ts'
import type {PlatformDatabase} from '../platform/platform.ts'
import {type Access, archivePermissions} from './access.ts'
import {toHash} from './verify-archive.ts'

/**
 * Makes sure that the archive's chain has a head that was kept elsewhere. Trades that are moved into an archive which was set back, or made
 * anew, are in no other: they would be lost where the right one is brought back.
 *
 * @throws StratError ARCHIVE_ALTERED; USAGE where `head` is no hash
 */
export async function requireHead(access: Access, archive: PlatformDatabase | undefined, head: string): Promise<void> {
  const sha256 = toHash(head)
  const isThere = archive && (await usingDatabase(await access(archive, archivePermissions, {readOnly: true}), (opened) => opened.read([select(sha256)])))
  if (isThere?.[0]?.rows.length) return
  throw new StratError('ARCHIVE_ALTERED', `${archive?.name ?? 'The archive that is still to be made'} has no batch with the head ${sha256}.`, {
    suggestions: [
      'Nothing was moved. Bring the archive back as it was, or name the right one with --into.',
      'strat archive verify --head tells more. Before you restore a backup, keep a copy of the archive as it is: what was sealed since is in no other place.',
    ],
  })
}

/** Mostly it is the last one, or near it. */
const select = (sha256: string) => ({
  sql: 'SELECT 1 FROM archive_batches WHERE sequence IS NOT NULL AND head_sha256 = ? ORDER BY sequence DESC LIMIT 1',
  args: [sha256],
})
