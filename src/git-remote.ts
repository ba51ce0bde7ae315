import {runGit} from './git.ts'

/** Whether a text is `owner/name` as GitHub has it. */
export const isRepository = (text: string) => /^[\w.-]+\/[\w.-]+$/.test(text) && !/(^|\/)\.{1,2}(\/|$)/.test(text)

/** `owner/name` of the remote `origin` where it is on GitHub; undefined where there is no git, no such remote, or it is elsewhere. */
export async function originRepository(folder: string, apiUrl: string): Promise<string | undefined> {
  const {code, stdout} = await runGit(folder, 'remote', 'get-url', 'origin')
  return code === 0 ? repositoryIn(stdout.trim(), apiUrl) : undefined
}

/** `owner/name` in a git remote's address (https, ssh, or `user@host:path`) on GitHub or on the host of `apiUrl`. */
export function repositoryIn(remote: string, apiUrl: string): string | undefined {
  const [, scpHost, scpPath] = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)(.+)$/.exec(remote) ?? []
  const url = URL.parse(scpHost === undefined ? remote : `ssh://${scpHost}/${scpPath}`)
  const hosts = ['github.com', 'ssh.github.com', new URL(apiUrl).hostname.replace(/^api\./, '')]
  if (!url || !hosts.includes(url.hostname)) return undefined
  const name = url.pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')
  return isRepository(name) ? name : undefined
}
