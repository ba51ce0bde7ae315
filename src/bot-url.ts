import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {PlatformDatabase} from './platform/platform.ts'
import type {Settings} from './settings.ts'

/** Where a bot reaches a database: it cannot open a file, but the local platform has a server. */
export const botUrlOf = ({name, url}: PlatformDatabase, settings: Settings) => (url.startsWith('file:') ? `${localUrlOf(settings)}/dev/${name}` : url)

/** Where it is set, there; else where `strat dev` served the directory last. */
function localUrlOf({'local.url': {value, source}, 'local.directory': directory}: Settings): string {
  const announced = join(directory.value, 'dev.url')
  return source === 'default' && existsSync(announced) ? readFileSync(announced, 'utf8').trim() : value
}
