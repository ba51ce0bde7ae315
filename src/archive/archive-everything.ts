import type {PlatformDatabase} from '../platform/platform.ts'
import type {ArchiveDependencies} from './archive-fleet.ts'
import {archiveStrategy} from './archive-strategy.ts'
import {findArchive, firstArchive} from './find-archive.ts'

/**
 * Finds the archive for a strategy that is about to be destroyed. What it returns moves all trades of it there, closed or not, and finishes
 * what an earlier run began; it is given how many trades there are, and returns how many it moved.
 *
 * @throws StratError those of `findArchive`; then those of `archiveStrategy`
 */
export async function prepareEverything(
  dependencies: Omit<ArchiveDependencies, 'run'>,
  {database, into}: {database: PlatformDatabase; into?: string | undefined},
): Promise<(trades: number) => Promise<number>> {
  const found = await findArchive(dependencies, {into, readOnly: false})
  const openArchive = async () => found ?? dependencies.createArchive(into ?? firstArchive)
  return async (trades) => {
    if (!found && trades === 0) return 0
    const {moved} = await archiveStrategy({...dependencies, openArchive}, database, {everything: true, lenient: false})
    return moved
  }
}
