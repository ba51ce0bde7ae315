import {usingDatabase} from '../database/connect.ts'
import {StratError} from '../errors.ts'
import type {PlatformDatabase} from '../platform/platform.ts'
import {archivePermissions} from './access.ts'
import type {ArchiveDependencies} from './archive-fleet.ts'
import {archiveStrategy} from './archive-strategy.ts'
import {findArchive, firstArchive} from './find-archive.ts'

type Dependencies = Omit<ArchiveDependencies, 'run'>

/** Both return how many trades they moved. */
export type LastArchiving = {everything(trades: number): Promise<number>; begun(): Promise<number>}

/**
 * Finds the archive for a strategy that is about to be destroyed. `everything` moves all trades of it there, closed or not, and finishes
 * what an earlier run began; it is given how many trades there are. `begun` only finishes.
 *
 * @throws StratError those of `findArchive`; then those of `archiveStrategy`, and ARCHIVE_RACE where an earlier run may still be at it
 */
export async function prepareEverything(
  dependencies: Dependencies,
  {database, into}: {database: PlatformDatabase; into?: string | undefined},
): Promise<LastArchiving> {
  const found = await findArchive(dependencies, {into, readOnly: false})
  const openArchive = async () => found ?? dependencies.createArchive(into ?? firstArchive)
  const archive = async (input: {everything: boolean; finishOnly?: boolean}) => {
    const {moved, pending} = await archiveStrategy({...dependencies, openArchive}, database, {...input, lenient: false})
    if (found && pending) throw notEnded(database.name, found.name)
    return moved
  }
  return {
    everything: async (trades) => (!found && trades === 0 ? 0 : archive({everything: true})),
    async begun() {
      if (!found || !(await isBegun(dependencies, found, database))) return 0
      const moved = await archive({everything: false, finishOnly: true})
      if (await isBegun(dependencies, found, database)) throw notEnded(database.name, found.name)
      return moved
    },
  }
}

/** Whether the archive has trades of it that are not sealed. */
const isBegun = async ({access}: Dependencies, archive: PlatformDatabase, {id}: PlatformDatabase): Promise<boolean> =>
  usingDatabase(await access(archive, archivePermissions, {readOnly: false}), async (opened) => {
    const [found] = await opened.read([{sql: 'SELECT 1 FROM archive_batches WHERE source_database_id = ? AND sealed_at IS NULL LIMIT 1', args: [id]}])
    return (found?.rows.length ?? 0) > 0
  })

const notEnded = (name: string, archive: string) =>
  new StratError('ARCHIVE_RACE', `What an earlier run moved of ${name} into ${archive} is not sealed yet, and that run may still go on.`, {
    suggestions: ['Run the same command again in six minutes: then nothing of that run can arrive any more.'],
  })
