import {existsSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'

/** The folder of the strat package: where its `package.json`, `templates/` and `migrations/` are. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

/** A folder of strat's own code as Node runs it here: compiled in `dist`, or the source itself while strat is developed. */
export function codeFolder(folder: 'src' | 'migrations'): string {
  return isBuilt() ? join(packageRoot(), 'dist', folder) : join(packageRoot(), folder)
}

/** The URL of one of strat's own modules, named without its extension. */
export function codeModule(name: string): string {
  return pathToFileURL(join(codeFolder('src'), `${name}${isBuilt() ? '.js' : '.ts'}`)).href
}

const isBuilt = () => fileURLToPath(import.meta.url).startsWith(join(packageRoot(), 'dist'))
