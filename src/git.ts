/** What git says, run in a folder; `code` is undefined where there is no git, or none that answers. It gets none of our tokens and keys. */
export async function runGit(folder: string, ...args: string[]): Promise<{code: number | undefined; stdout: string}> {
  // Only here, because loading it takes 2 ms of each start.
  const {execFile} = await import('node:child_process')
  return new Promise((resolve) => {
    execFile('git', args, {cwd: folder, env: gitEnvironment(), timeout: 5000}, (error, stdout) => {
      resolve({code: error ? (typeof error.code === 'number' ? error.code : undefined) : 0, stdout})
    })
  })
}

/** What git needs to find itself, its configuration and its language; what it starts by that configuration needs no more. */
const known = /^(?:PATH|PATHEXT|SYSTEMROOT|HOME|USERPROFILE|XDG_CONFIG_HOME|LC_ALL|LANG|GIT_.*)$/i

const gitEnvironment = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => known.test(name)))
