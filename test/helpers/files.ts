import {createHash} from 'node:crypto'
import {mkdir, readdir, readFile, stat, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'

/** Writes files, and the folders that they are in. */
export async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), {recursive: true})
    await writeFile(join(folder, path), content)
  }
}

/** A configuration that uses the migrations in `./migrations`, an `archive` folder that is not what is tested, and a market that is never open. */
export const ownMigrations = (strategy: Record<string, string>): Record<string, string> => ({
  'strat.config.json': '{"migrations": "./migrations", "market": {"days": []}}',
  'migrations/archive/0001_initial.ts': "import {sql} from 'kysely'\nexport const up = (db) => sql`CREATE TABLE trade_logs (id TEXT)`.execute(db)\n",
  ...Object.fromEntries(Object.entries(strategy).map(([name, content]) => [`migrations/strategy/${name}`, content])),
})

/** A migration file that executes statements as they stand. */
export const migration = (...statements: string[]): string =>
  `import {sql} from 'kysely'\nexport async function up(db) {\n${statements.map((statement) => `  await sql\`${statement}\`.execute(db)`).join('\n')}\n}\n`

/** The three tables of a strategy, as migration 0001 of a test's own folder. */
export const initial = migration(
  'CREATE TABLE portfolio_state (id INTEGER PRIMARY KEY AUTOINCREMENT, capital_allocated REAL NOT NULL, free_margin REAL NOT NULL, daily_stop_loss REAL NOT NULL, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)',
  'CREATE TABLE active_positions (id TEXT PRIMARY KEY, symbol TEXT NOT NULL, strike REAL NOT NULL, option_type TEXT NOT NULL, quantity INTEGER NOT NULL, entry_price REAL NOT NULL, stop_loss REAL, target_price REAL, entry_time TIMESTAMP DEFAULT CURRENT_TIMESTAMP)',
  'CREATE TABLE trade_logs (id TEXT PRIMARY KEY, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP, symbol TEXT NOT NULL, action TEXT NOT NULL, quantity INTEGER NOT NULL, price REAL NOT NULL, execution_reason TEXT NOT NULL, pnl REAL)',
)

/** Every file below a folder with a hash of its content, for showing that nothing was changed. Logs of open databases do not count. */
export async function snapshot(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true})
  const files = entries.filter((entry) => entry.isFile() && !/-(?:wal|shm)$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(await Promise.all(files.sort().map(async (file) => [file.slice(folder.length + 1), hash(await readFile(file))])))
}

const hash = (content: Buffer) => createHash('sha256').update(content).digest('hex')

/** The permission bits of a file or folder, in octal. */
export const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8)

/** The same with a `down` that executes others. */
export const reversible = (up: string, ...downs: string[]): string =>
  migration(up) +
  migration(...downs)
    .replace(/^.*\n/, '')
    .replace('up(db)', 'down(db)')
