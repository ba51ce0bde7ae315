// Builds `dist`. Everything that each start needs, oclif and all commands, goes into the one file `dist/src/main.js` and the
// chunk beside it, and what only some need goes into chunks behind them. Libraries are bundled: read file by file from
// node_modules, a migrating command took 299 ms to start instead of 136.
import {glob, readFile, rm, writeFile} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {build} from 'esbuild'
import {minify} from 'terser'

const entryPoints = [
  'src/bin.ts',
  'src/main.ts',
  'src/help.ts',
  'src/define-config.ts',
  'src/kysely.ts',
  'src/server/sql/process.ts',
  'src/migrator/watchdog-thread.ts',
]
for await (const file of glob('migrations/**/*.ts')) entryPoints.push(file)

// What libraries bring along and never use here, a quarter of the package: oclif looks for commands in folders where there is
// no table of them, and has spinners; Kysely speaks to other databases; Turso's SDK has a fetch for browsers without one; wrapping
// lines needs no conversion of colours.
const neverUsed = /^(whatwg-fetch|tinyglobby|minimatch|cli-spinners|semver|color-convert|\.\/dialect\/(mssql|mysql|postgres|pglite)\/.*)$/
const itsUsers = /node_modules\/(ansi-styles|@tursodatabase\/api|@oclif\/core|kysely)\//

await rm('dist', {recursive: true, force: true})
const {metafile} = await build({
  entryPoints,
  outdir: 'dist',
  outbase: '.',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24.15',
  // Native code; prompts, a server, GitHub's client and the sealing of its secrets (230, 15, 20 and 130 KB packed), and a Parquet writer,
  // which few runs need; and what oclif asks for only while a plugin is developed.
  external: ['libsql', 'inquirer', 'hono', '@hono/node-server', 'hyparquet-writer', '@octokit/*', 'libsodium-wrappers', 'typescript'],
  // Kysely's dialect gets its client from us; the one that it could open itself would bring a websocket client along.
  plugins: [
    redirect(/^@libsql\/client$/, '@libsql/client/sqlite3'),
    leaveOut(neverUsed, itsUsers),
    shareOneChunk(),
    fastOclif(),
    compiledOclif(),
    shortEmojiRegex(),
  ],
  // The one for Node imports node:crypto, which takes 4 ms of each start.
  // And one copy of a library where two of its versions would do.
  alias: {ulid: './node_modules/ulid/dist/browser/index.js', ejs: './node_modules/ejs/lib/cjs/ejs.js'},
  minifySyntax: true,
  minifyWhitespace: true,
  minifyIdentifiers: true,
  legalComments: 'none',
  metafile: true,
  // Bundled CommonJS (oclif) asks for Node's own modules by `require`.
  banner: {js: "import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);"},
})
for (const file of Object.keys(metafile.outputs)) if (file.endsWith('.js')) await shrink(file)
await writeFile('dist/THIRD-PARTY-LICENSES.txt', await licenses(Object.keys(metafile.inputs)))

/**
 * Makes oclif start faster. Its modules load what they require when they first use it, not when they are loaded (8 ms);
 * the ids of commands are compared without the collator, which takes 9 ms to make; and nothing asks at every start
 * whether this is WSL (4 ms), which would only change what `--version` says.
 */
function fastOclif() {
  const require = /^const (\w+_1) = (__importDefault\(|__importStar\()?(require\("[^"]+"\))\)?;$/gm
  return {
    name: 'fast-oclif',
    setup: ({onLoad}) =>
      onLoad({filter: /@oclif\/core\/lib\/.*\.js$/}, async ({path}) => {
        const source = (await readFile(path, 'utf8'))
          .replaceAll('a.id.localeCompare(b.id)', '(a.id < b.id ? -1 : 1)')
          .replaceAll("(await import('wsl-utils')).isWsl ? 'wsl' : ", '')
        const names = [...source.matchAll(require)].map(([, name]) => name)
        const lazy = source.replace(require, (_, name, wrap, call) => `let __${name}; const ${name}__get = () => __${name} ??= ${wrap ?? '('}${call});`)
        return {contents: names.reduce((text, name) => text.replace(new RegExp(`(?<![\\w$])${name}(?=[.)\\]])`, 'g'), `(${name}__get())`), lazy)}
      }),
  }
}

/** The package holds no TypeScript that oclif would have to find the compiled file of (7 KB, and a warning where NODE_ENV is test). */
function compiledOclif() {
  const contents = "const {join} = require('node:path'); exports.tsPath = async (root, file) => file && (file.startsWith(root) ? file : join(root, file))"
  return {name: 'compiled-oclif', setup: ({onLoad}) => onLoad({filter: /@oclif\/core\/lib\/config\/ts-path\.js$/}, () => ({contents}))}
}

function redirect(filter, path) {
  return {name: path, setup: ({onResolve, resolve}) => onResolve({filter}, ({kind, resolveDir}) => resolve(path, {kind, resolveDir}))}
}

/**
 * Puts what both every start and the parts that are loaded later need into one chunk, instead of one for each set of its
 * users: those parts are made to import all of it. Nine chunks more took 5 % of the start of `strat list`.
 */
function shareOneChunk() {
  const shared = [
    'errors',
    'fleet/shard',
    'storage-error',
    'platform/database-name',
    'platform/local',
    'secrets/secret-store',
    'secrets/fingerprint',
    'serially',
    'database-token',
    'lifetime',
    'secret',
    'package-files',
    'database/sql/host-functions',
    'database/sql/split',
    'database/sql/statement-kind',
    'database/sql/tokens',
  ]
  const imports = shared.map((name) => `import ${JSON.stringify(resolve(`src/${name}.ts`))}`).join('\n')
  const parts =
    /src\/(?:server\/listen|server\/sql\/process|platform\/turso|platform\/turso-account|open-store|open-archiving|github-repository|secrets\/github\/(?:github|app-invalid)|database\/http-database|migrator\/recording-driver|migrator\/report-schema|config-schema|strategies\/template-schema|platform\/local-token)\.ts$/
  const setup = ({onLoad}) =>
    onLoad({filter: parts}, async ({path}) => ({
      contents: `${await readFile(path, 'utf8')}\n${imports}`,
      loader: 'ts',
    }))
  return {name: 'share-one-chunk', setup}
}

/** JavaScript itself knows by now what this package lists in 10 KB (RGI_Emoji). */
function shortEmojiRegex() {
  const setup = ({onLoad}) => onLoad({filter: /node_modules\/emoji-regex\/index\.js$/}, () => ({contents: 'module.exports = () => /\\p{RGI_Emoji}/gv'}))
  return {name: 'short-emoji-regex', setup}
}

/** Puts an empty module in place of those that are imported by these, but never used. */
function leaveOut(filter, importers) {
  const setup = ({onResolve, onLoad}) => {
    onResolve({filter}, ({path, importer}) => (importers.test(importer) ? {path, namespace: 'left-out'} : undefined))
    onLoad({filter: /./, namespace: 'left-out'}, () => ({contents: 'module.exports = {}'}))
  }
  return {name: 'leave-out', setup}
}

/** What esbuild leaves: 4 % of the packed package. */
async function shrink(file) {
  const {code} = await minify(await readFile(file, 'utf8'), {module: true, ecma: 2020, format: {comments: false}})
  await writeFile(file, code)
}

/** The licence of every package that the bundle holds, as the licences ask. */
async function licenses(inputs) {
  const folders = new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []))
  const texts = await Promise.all([...folders].sort().map(license))
  return texts.join('\n\n')
}

async function license(folder) {
  const {name, version, license} = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const [file] = await Array.fromAsync(glob('{LICENSE,LICENCE,license}*', {cwd: folder}))
  const text = file ? await readFile(join(folder, file), 'utf8') : `Licence: ${license}`
  return `${name} ${version}\n${'-'.repeat(72)}\n${text.trim()}`
}
