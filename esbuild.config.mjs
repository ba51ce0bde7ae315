// Builds `dist`. Everything that each start needs, oclif and all commands, goes into the one file `dist/src/main.js` and the
// chunk beside it, and what only some need goes into chunks behind them. Libraries are bundled: read file by file from
// node_modules, a migrating command took 299 ms to start instead of 136.
import {glob, readFile, rm, writeFile} from 'node:fs/promises'
import {basename, join, resolve} from 'node:path'
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

// What libraries bring along and never use here, a quarter of the package: oclif looks for commands in folders where there is no table of
// them, makes such a table where there is none, and has constraints between flags; Kysely speaks to other databases, and of what only those
// have; wrapping lines needs no conversion of colours; Windows is looked at from within Linux.
const neverUsed =
  /^(tinyglobby|minimatch|cli-spinners|semver|color-convert|wsl-utils|\.\/constraints|\.\.\/util\/cache-command|\.\/dialect\/(mssql|mysql|postgres|pglite)\/.*|.*\/(merge-query|refresh-materialized-view|create-type|drop-type|alter-type)-builder\.js)$/
// What is used so little that a line does it: the templates of help are paths such as <%= config.bin %>; oclif's own configuration is in
// package.json, there is no TypeScript that it would have to find the compiled file of, and what it measures and tells of itself helps nobody
// who uses strat; Node has base64, and knows which characters are emoji.
const {version: oclifVersion} = JSON.parse(await readFile('node_modules/@oclif/core/package.json', 'utf8'))
const standIns = {
  ejs: "exports.render = (text, data) => text.replace(/<%[=-] *([\\w.]+) *%>/g, (_, path) => path.split('.').reduce((value, key) => value?.[key], data))",
  debug: 'module.exports = () => () => undefined',
  'emoji-regex': 'module.exports = () => /\\p{RGI_Emoji}/gv',
  'js-base64': "exports.Base64 = {fromUint8Array: (bytes) => Buffer.from(bytes).toString('base64')}",
  'ts-path': "const {join} = require('node:path'); exports.tsPath = async (root, file) => file && (file.startsWith(root) ? file : join(root, file))",
  'read-pjson': "exports.readPjson = async (root) => JSON.parse(await require('node:fs/promises').readFile(root + '/package.json', 'utf8'))",
  'package.json': `exports.version = ${JSON.stringify(oclifVersion)}; exports.name = '@oclif/core'`,
  performance: "exports.OCLIF_MARKER_OWNER = '@oclif/core'; exports.Performance = {mark() {}, async collect() {}, debug() {}}",
}
const littleUsed = /^(ejs|debug|emoji-regex|js-base64|\.{1,2}\/(config\/|util\/)?(ts-path|read-pjson|performance)|(\.\.\/)+package\.json)$/
const itsUsers = /node_modules\/(ansi-styles|string-width|@libsql\/core|@oclif\/(core|plugin-autocomplete)|kysely)\//

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
  // Native code; prompts, a server, GitHub's client and the sealing of its secrets (230, 15, 20 and 130 KB packed), a Parquet writer, and
  // Turso's SDK, which few runs need; and what oclif asks for only while a plugin is developed.
  external: ['libsql', 'inquirer', 'hono', '@hono/node-server', 'hyparquet-writer', '@tursodatabase/api', '@octokit/*', 'libsodium-wrappers', 'typescript'],
  // Kysely's dialect gets its client from us; the one that it could open itself would bring a websocket client along.
  plugins: [
    redirect(/^@libsql\/client$/, '@libsql/client/sqlite3'),
    leaveOut([neverUsed, littleUsed], itsUsers),
    redirect(/^\.\/action\/spinner$/, './action/simple'),
    oneKysely(),
    shareOneChunk(),
    fastOclif(),
  ],
  // The one for Node imports node:crypto, which takes 4 ms of each start.
  alias: {ulid: './node_modules/ulid/dist/browser/index.js'},
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
          .replace(/\$\{await \(await import\('wsl-utils'\)\)\.powerShellPath\(\)\}/, 'powershell')
        const names = [...source.matchAll(require)].map(([, name]) => name)
        const lazy = source.replace(require, (_, name, wrap, call) => `let __${name}; const ${name}__get = () => __${name} ??= ${wrap ?? '('}${call});`)
        return {contents: names.reduce((text, name) => text.replace(new RegExp(`(?<![\\w$])${name}(?=[.)\\]])`, 'g'), `(${name}__get())`), lazy)}
      }),
  }
}

function redirect(filter, path) {
  return {name: path, setup: ({onResolve, resolve}) => onResolve({filter}, ({kind, resolveDir}) => resolve(path, {kind, resolveDir}))}
}

/** Leaves Kysely in the file that users' migrations import, which everything else loads, too: as a chunk it would name its 300 exports twice (3 KB). */
function oneKysely() {
  const setup = ({onResolve}) =>
    onResolve({filter: /^kysely$/}, ({importer}) => {
      if (importer === resolve('src/kysely.ts')) return undefined
      return {path: importer.startsWith(resolve('migrations')) ? '../../src/kysely.js' : '../src/kysely.js', external: true}
    })
  return {name: 'one-kysely', setup}
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
    'network-error',
    'retry',
    'database/http-client',
    'database/http-connection',
    'database/sql/host-functions',
    'database/sql/split',
    'database/sql/statement-kind',
    'database/sql/tokens',
  ]
  const imports = shared.map((name) => `import ${JSON.stringify(resolve(`src/${name}.ts`))}`).join('\n')
  const parts =
    /src\/(?:server\/listen|server\/sql\/process|platform\/turso|platform\/turso-account|open-store|open-archiving|github-repository|secrets\/github\/(?:github|app-invalid)|database\/http-database|migrator\/recording-driver|migrator\/report-schema|config-schema|strategies\/template-schema|platform\/local-token|platform\/local-fork|archive\/export-parquet)\.ts$/
  const setup = ({onLoad}) =>
    onLoad({filter: parts}, async ({path}) => ({
      contents: `${await readFile(path, 'utf8')}\n${imports}`,
      loader: 'ts',
    }))
  return {name: 'share-one-chunk', setup}
}

/** Puts its stand-in, or an empty module, in place of what is imported by these. */
function leaveOut(filters, importers) {
  const namespace = 'left-out'
  const setup = ({onResolve, onLoad}) => {
    for (const filter of filters) onResolve({filter}, ({path, importer}) => (importers.test(importer) ? {path: basename(path), namespace} : undefined))
    onLoad({filter: /./, namespace}, ({path}) => ({contents: standIns[path] ?? 'module.exports = {}'}))
  }
  return {name: namespace, setup}
}

/** What esbuild leaves: 4 % of the packed package. */
async function shrink(file) {
  const {code} = await minify(await readFile(file, 'utf8'), {module: true, ecma: 2022, compress: {passes: 3}, format: {comments: false}})
  await writeFile(file, code)
}

/** The licence of every package that the bundle holds, as the licences ask: the notices of all, and the text that several share once. */
async function licenses(inputs) {
  const folders = new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []))
  const texts = new Map()
  for (const {notice, terms} of await Promise.all([...folders].sort().map(license))) {
    // Lines are broken in various ways, quotes drawn in others.
    const key = terms.replaceAll(/[\s'"“”*]+/g, '').toLowerCase()
    const {notices = []} = texts.get(key) ?? {}
    texts.set(key, {notices: [...notices, notice], terms})
  }
  return [...texts.values()].map(({notices, terms}) => `${notices.join('\n\n')}\n${'-'.repeat(72)}\n${terms}`).join('\n\n')
}

async function license(folder) {
  const {name, version, license} = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const [file] = await Array.fromAsync(glob('{LICENSE,LICENCE,license}*', {cwd: folder}))
  const text = file ? await readFile(join(folder, file), 'utf8') : `Licence: ${license}`
  const isNotice = (line) => /^\s*(copyright \(?(c|©)\)?|\(?(the )?(mit|isc) licen[sc]e( \(mit\))?\)?\s*$)/i.test(line)
  const lines = text.trim().split('\n')
  const notice = lines.filter(isNotice).map((line) => line.trim())
  return {
    notice: [`${name} ${version}`, ...notice].join('\n'),
    terms: lines
      .filter((line) => !isNotice(line))
      .join('\n')
      .trim(),
  }
}
