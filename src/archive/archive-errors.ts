import {StratError} from '../errors.ts'
import type {Archiving, OpenBatch} from './archiving.ts'

const named = 10

const listOf = (ids: string[]) => ids.slice(0, named).join(', ') + (ids.length > named ? ` and ${ids.length - named} more` : '')

/** The archive has something else under a row's key: nobody can say which is right, so nothing is deleted. */
export const conflict = ({archive, from}: Archiving, ids: string[]) =>
  new StratError('ARCHIVE_CONFLICT', `${archive.name} has other content for ${ids.length} of the trades of ${from.strategy}: ${listOf(ids)}.`, {
    suggestions: ['Nothing was deleted. Compare these ids in both databases, and correct the one that is wrong.'],
  })

/** Another run goes on with what this one began. */
export const takenOver = ({from}: Archiving) =>
  new StratError('ARCHIVE_RACE', `Another run archives ${from.strategy} at the same time.`, {
    suggestions: ['Let the other run end, then run the same command again: it finishes what is not sealed yet.'],
  })

/**
 * The source lacks rows of a batch. A run deletes all or none, and announces it: so the others were taken back, or some were written again. Only a
 * person knows.
 */
export const undecided = ({archive, from}: Archiving, {batchId}: OpenBatch, ids: string[], rows: number) =>
  new StratError(
    'ARCHIVE_UNDECIDED',
    `An earlier run has left batch ${batchId} in ${archive.name}. ${from.strategy} has ${ids.length < rows ? 'only some' : 'none'} of its ${rows} trades still, and nobody can tell who deleted ${ids.length}: ${listOf(ids)}.`,
    {
      suggestions: [
        `If the bot took them back, or another archive has them: DELETE FROM trade_logs WHERE source_database_id = '${from.databaseId}' AND batch_id = '${batchId}' AND id IN (…) in ${archive.name}.`,
        `If they are true: insert them into trade_logs of ${from.strategy} again. Then the same command once more; nothing was deleted by this one.`,
      ],
    },
  )

/** What was copied is not what the source has, and that is about to be lost. */
export const wouldBeLost = ({archive, from}: Archiving, {batchId}: OpenBatch, rows: number) =>
  new StratError('ARCHIVE_UNDECIDED', `${from.strategy} has the ${rows} trades of batch ${batchId} in ${archive.name}, but not as they were copied.`, {
    suggestions: [
      `strat destroy ${from.strategy} without --discard-trades archives them as they are now.`,
      `strat archive ${from.strategy} takes the copies back; then --discard-trades loses what is not closed of them.`,
    ],
  })

/** Copies that no sealed batch has prove nothing. The batch that a person gives them is one from which nothing is deleted: it has no rows. */
export const withoutBatch = ({archive, from}: Archiving, ids: string[]) =>
  new StratError('ARCHIVE_ALTERED', `${archive.name} is not as strat left it: no sealed batch has its copies of ${ids.length} trades: ${listOf(ids)}.`, {
    suggestions: [
      `Nothing was deleted. Where their batch is gone, this in ${archive.name} lets the next run decide what becomes of them: INSERT INTO archive_batches (batch_id, source_database_id, row_count, rows_sha256, copied_at, tool_version) SELECT DISTINCT batch_id, source_database_id, 0, '', '2000-01-01T00:00:00.000Z', '' FROM trade_logs WHERE source_database_id = '${from.databaseId}' AND batch_id NOT IN (SELECT batch_id FROM archive_batches);`,
      `strat archive verify ${archive.name} tells what else is not as it was.`,
    ],
  })

/** Since when a batch is under way is no instant. */
export const unreadableEpoch = (archive: string, batchId: string, epoch: string) =>
  new StratError('ARCHIVE_ALTERED', `${archive} is not as strat left it: batch ${batchId} is not sealed, and its copied_at is "${epoch.slice(0, 100)}".`, {
    suggestions: ['Set it to the instant at which it was copied, such as 2026-01-31T22:53:00.000Z, then run the same command again: no trade is lost.'],
  })

/** A database has the name by which the trades of another came, which is gone: it may be that one, restored, and have them still. */
export const namesake = (archive: string, {databaseId, strategy}: Archiving['from'], batches: OpenBatch[]) =>
  new StratError(
    'ARCHIVE_UNDECIDED',
    `${archive} has trades of a database that is gone (${databaseId}), not sealed, in ${listOf(batches.map(({batchId}) => batchId))}. Another database has its name now, ${strategy}, and nobody can tell whether it has these trades still.`,
    {
      suggestions: [
        `Where ${strategy} lacks them and they are true: insert them into its trade_logs.`,
        `Then, or where it has them: DELETE FROM trade_logs WHERE source_database_id = '${databaseId}' AND batch_id = '…' in ${archive}. Then the same command once more.`,
      ],
    },
  )

/** Of a database that is gone no run had announced to delete these trades: what destroyed it may have moved them into another archive. */
export const unannounced = (archive: string, {databaseId, strategy}: Archiving['from'], batches: OpenBatch[]) =>
  new StratError(
    'ARCHIVE_UNDECIDED',
    `${archive} has copies of trades of ${strategy}, a database that is gone (${databaseId}), in ${listOf(batches.map(({batchId}) => batchId))}. No run was about to delete their originals, so nobody can tell whether they are in another archive.`,
    {
      suggestions: [
        `If they are in another archive, or must not count: DELETE FROM trade_logs WHERE source_database_id = '${databaseId}' AND batch_id = '…' in ${archive}.`,
        `If they are nowhere else: UPDATE archive_batches SET deleted_at = copied_at WHERE batch_id = '…' in ${archive}. Then the same command once more.`,
      ],
    },
  )
