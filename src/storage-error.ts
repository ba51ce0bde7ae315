import {type ErrorCode, StratError} from './errors.ts'

/** What Node's file calls and libSQL say when a disk or a file is at fault, and what a person can do about it. */
const causes: {codes: string[]; code: ErrorCode; message: (subject: string) => string; suggestions: string[]}[] = [
  {
    codes: ['ENOSPC', 'EDQUOT', 'SQLITE_FULL'],
    code: 'STORAGE_FULL',
    message: (subject) => `There is no room left for ${subject}.`,
    suggestions: ['Free some space, then run the same command again: it goes on where this one stopped.'],
  },
  {
    codes: ['EROFS', 'EACCES', 'EPERM', 'EEXIST', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'SQLITE_READONLY', 'SQLITE_CANTOPEN', 'SQLITE_PERM'],
    code: 'STORAGE_READ_ONLY',
    message: (subject) => `${subject} cannot be opened for writing.`,
    suggestions: [
      'Check its owner and permissions, and that its disk is not mounted read-only.',
      'Choose another directory with STRAT_DIRECTORY or local.directory.',
    ],
  },
  {
    codes: ['EIO', 'SQLITE_IOERR'],
    code: 'STORAGE_FAILED',
    message: (subject) => `${subject} could not be read or written: the disk is full, failing, or the file was taken away meanwhile.`,
    suggestions: ['Check the disk, then run the same command again: it goes on where this one stopped.'],
  },
  {
    codes: ['SQLITE_NOTADB', 'SQLITE_CORRUPT'],
    code: 'DATABASE_CORRUPT',
    message: (subject) => `${subject} is damaged, or not a libSQL database at all.`,
    suggestions: ['Restore the file from a copy, or move it out of the directory.'],
  },
  {
    codes: ['SQLITE_BUSY', 'SQLITE_LOCKED'],
    code: 'DATABASE_BUSY',
    message: (subject) => `${subject} is in use by another process that did not let go of it in time.`,
    suggestions: ['Run the command again when the other process is done.'],
  },
]

/**
 * Runs `work` and turns the storage errors that it throws into ones a person can act on; every other error passes as it is.
 *
 * @param subject what the work is about, as it begins a sentence: a path or a database's name
 */
export async function translatingStorageErrors<T>(subject: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const cause = causes.find(({codes}) => codes.includes(storageCode(error)))
    if (!cause) throw error
    throw new StratError(cause.code, cause.message(subject), {suggestions: cause.suggestions, cause: error})
  }
}

/** Whether an error says that the storage failed, as opposed to the statement that was run. */
export const isStorageError = (error: unknown) => causes.some(({codes}) => codes.includes(storageCode(error)))

const nodeCodes: Record<number, string> = {10: 'SQLITE_IOERR', 13: 'SQLITE_FULL', 14: 'SQLITE_CANTOPEN'}

function storageCode(error: unknown): string {
  if (!(error instanceof Error)) return ''
  // Node's own SQLite tells it by a number: https://www.sqlite.org/rescode.html
  if ('errcode' in error) return nodeCodes[Number(error.errcode) & 255] ?? ''
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code
  // The libsql package throws a bare Error when a file cannot be opened; 14 is SQLITE_CANTOPEN.
  return /^ConnectionFailed\(.*: 14"\)$/s.test(error.message) ? 'SQLITE_CANTOPEN' : ''
}
