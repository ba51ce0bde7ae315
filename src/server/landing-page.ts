import {randomBytes} from 'node:crypto'
import {join} from 'node:path'
import {Hono} from 'hono'
import {html} from 'hono/html'
import {type LocalDatabases, localDatabases} from '../platform/local-databases.ts'
import {style} from './landing-page-style.ts'

export type LandingPageOptions = {directory: string; group: string; organization: string; host: () => string}

type Row = {name: string; group: string; url: string; bytes: number; states: string[]}

/** A page for whoever opens the server's address in a browser: its databases, and how to reach them. It holds no token. */
export function landingPage({directory, group, organization, host}: LandingPageOptions): Hono {
  const databases = localDatabases({directory, group})
  return new Hono().get('/', async (c) => {
    const rows = await Promise.all((await databases.list()).map((entry) => toRow(databases, entry, host())))
    const nonce = randomBytes(16).toString('base64')
    c.header(
      'content-security-policy',
      `default-src 'none'; img-src data:; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    c.header('cache-control', 'no-store')
    return c.html(page({rows, url: `http://${host()}`, organization, directory, nonce}))
  })
}

const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

type Entry = Awaited<ReturnType<LocalDatabases['list']>>[number]

async function toRow(databases: LocalDatabases, entry: Entry, host: string): Promise<Row> {
  const {name, group, deleteProtection, blockReads, blockWrites} = entry
  return {
    name,
    group,
    url: `http://${host}/dev/${name}`,
    bytes: await databases.storageBytes(name),
    states: [...(deleteProtection ? ['delete-protected'] : []), ...(blockReads ? ['reads blocked'] : []), ...(blockWrites ? ['writes blocked'] : [])],
  }
}

type Page = {rows: Row[]; url: string; organization: string; directory: string; nonce: string}

function page({rows, url, organization, directory, nonce}: Page) {
  const example = rows[0]?.name ?? 'stage-condor'
  const variables = `export STRAT_PLATFORM=turso\nexport TURSO_API_BASEURL=${url}\nexport TURSO_ORGANIZATION=${organization}\nexport TURSO_API_TOKEN="$(cat ${shellQuoted(join(directory, 'api-token'))})"`
  const curl = `eval "$(strat env ${example} --format shell)"
curl "$TURSO_DB_URL/v2/pipeline" \\
  -H "Authorization: Bearer $TURSO_AUTH_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"requests": [{"type": "execute", "stmt": {"sql": "SELECT name FROM sqlite_schema"}}, {"type": "close"}]}'`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>strat dev</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
<h1>strat dev</h1>
<p>Turso's Platform API and SQL over HTTP, on this machine, over the files in <code>${directory}</code>.</p>
<h2>Databases</h2>
${rows.length === 0 ? html`<p>None yet: <code>strat create stage-condor</code> makes one.</p>` : table(rows)}
<h2>Variables to set</h2>
<p>For <code>strat</code> and Turso's own tools. The token is in a file that only you can read.</p>
${copyable('variables', variables)}
<h2>Talk to a database</h2>
<p>A bot needs a database's address and a token of its own, which <code>strat env</code> mints.</p>
${copyable('curl', curl)}
</main>
<script nonce="${nonce}">
for (const button of document.querySelectorAll('button')) button.addEventListener('click', async () => {
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent)
  button.textContent = 'Copied'
})
</script>
</body>
</html>`
}

const table = (rows: Row[]) => html`<table>
<thead><tr><th>Name</th><th>Group</th><th>Size</th><th>State</th><th>TURSO_DB_URL</th></tr></thead>
<tbody>${rows.map(
  ({name, group, bytes, states, url}) =>
    html`<tr><td>${name}</td><td>${group}</td><td class="number">${Math.ceil(bytes / 1024)} KB</td><td>${states.join(', ') || 'open'}</td><td><code>${url}</code></td></tr>`,
)}</tbody>
</table>`

const copyable = (id: string, text: string) =>
  html`<div class="copyable"><pre id="${id}">${text}</pre><button type="button" data-copies="${id}">Copy</button></div>`
