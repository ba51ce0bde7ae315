import {dirname} from 'node:path'

/** Whether git would leave a file out of a commit; undefined where there is no git, or no repository around the file. */
export async function isIgnoredByGit(file: string): Promise<boolean | undefined> {
  const {execFile} = await import('node:child_process')
  return new Promise((resolve) => {
    execFile('git', ['check-ignore', '--quiet', '--', file], {cwd: dirname(file), timeout: 5000}, (error) => {
      if (!error) resolve(true)
      else resolve(error.code === 1 ? false : undefined)
    })
  })
}
