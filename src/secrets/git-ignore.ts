import {dirname} from 'node:path'
import {runGit} from '../git.ts'

/** Whether git would leave a file out of a commit; undefined where there is no git, or no repository around the file. */
export async function isIgnoredByGit(file: string): Promise<boolean | undefined> {
  const {code} = await runGit(dirname(file), 'check-ignore', '--quiet', '--', file)
  return code === 0 ? true : code === 1 ? false : undefined
}
