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

/** The source has some of a batch's rows: a run deletes all or none, so the others were taken back, or some were sent again. Only a person knows. */
export const undecided = ({archive, from}: Archiving, {batchId}: OpenBatch, ids: string[]) =>
  new StratError(
    'ARCHIVE_UNDECIDED',
    `A run that ended early has left batch ${batchId} in ${archive.name}. ${from.strategy} has only some of its trades still, so nobody can tell who deleted ${ids.length}: ${listOf(ids)}.`,
    {
      suggestions: [
        `If the bot took them back: DELETE FROM trade_logs WHERE source_database_id = '${from.databaseId}' AND batch_id = '${batchId}' AND id IN (…) in ${archive.name}.`,
        `If they are true: insert them into trade_logs of ${from.strategy} again. Then the same command once more; nothing was deleted by this one.`,
      ],
    },
  )

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
