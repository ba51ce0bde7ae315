import {registerHooks} from 'node:module'
import {pathToFileURL} from 'node:url'
import {codeModule} from './package-files.ts'

let hooked = false

/** Imports a user's TypeScript or JavaScript file: a configuration or a migration. Node itself strips the types. */
export async function importUserFile(path: string): Promise<Record<string, unknown>> {
  if (!hooked) {
    hookResolution()
    // stdout is for the answer: what a user's file logs goes to stderr.
    console.log = console.error
    console.info = console.error
    hooked = true
  }
  return import(pathToFileURL(path).href)
}

/** Lets a user's file import `kysely` and `strat-cli` where they are not installed beside it: our own copies stand in. */
function hookResolution(): void {
  const own = new Map([
    ['kysely', codeModule('kysely')],
    ['strat-cli', codeModule('define-config')],
  ])
  registerHooks({
    resolve(specifier, context, nextResolve) {
      try {
        const resolved = nextResolve(specifier, context)
        // Kysely's migrations and our configuration are modules, also where package.json says nothing or, as npm init writes it, "commonjs".
        return resolved.url.endsWith('.ts') ? {...resolved, format: 'module-typescript'} : resolved
      } catch (error) {
        const url = own.get(specifier)
        if (!url) throw error
        return {url, format: 'module', shortCircuit: true}
      }
    },
  })
}
