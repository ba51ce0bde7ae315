import {StratError} from './errors.ts'
import type {Setting} from './find-setting.ts'
import {isRepository, originRepository, repositoryIn} from './git-remote.ts'
import {looksSecret, serverWords} from './secret.ts'

/** The setting, or the remote `origin` of the folder's repository where it is not set; null where that is not on GitHub. */
export async function findRepository(setting: Setting<string | null>, {folder, apiUrl}: {folder: string; apiUrl: string}): Promise<Setting<string | null>> {
  if (setting.value !== null) return setting
  const origin = await originRepository(folder, apiUrl)
  return origin === undefined ? setting : {value: origin, source: 'default', from: 'the git remote origin'}
}

/**
 * `owner/name`.
 *
 * @throws StratError GITHUB_REPOSITORY_REQUIRED, GITHUB_REPOSITORY_INVALID
 */
export function requireRepository({value, from}: Setting<string | null>, apiUrl: string): string {
  if (value === null) {
    throw new StratError('GITHUB_REPOSITORY_REQUIRED', 'Nothing says which repository on GitHub the bots run in.', {
      suggestions: ['--repo owner/name', 'Or set GITHUB_REPOSITORY, or github.repository in strat.config.ts.', 'Or say --secrets dotenv, if they run here.'],
    })
  }
  if (isRepository(value)) return value
  const meant = repositoryIn(value, apiUrl)
  throw new StratError(
    'GITHUB_REPOSITORY_INVALID',
    `${from} is ${looksSecret(value) ? 'something secret' : `"${serverWords(value)}"`} and no repository: it must be owner/name.`,
    {
      suggestions: [meant === undefined ? `Correct ${from}: desk/bots, for instance.` : `Write ${meant} instead.`],
    },
  )
}
