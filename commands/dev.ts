import * as Flags from '@oclif/core/flags'
import {StratCommand} from '../src/command.ts'
import type {RunningServer} from '../src/server/listen.ts'

type Served = {url: string; organization: string; group: string; directory: string}

export default class Dev extends StratCommand {
  static override summary = 'Serve the local platform as Turso: its Platform API and SQL over HTTP, on this machine only.'
  static override description = `Prints the variables with which a bot, @libsql/client, Turso's own tools or strat itself use it. Ctrl-C ends it.

With --latency and POST /_faults it is as slow and as unreliable as you want to test for: {"match": "POST /v1/*/databases", "times": 2, "respond": {"status": 429, "headers": {"retry-after": "1"}}}, or "reset": "before" or "after", or "hang": true.`
  static override examples = ['<%= config.bin %> dev', '<%= config.bin %> dev --port 9000 --latency 80']
  static override flags = {
    port: Flags.integer({summary: 'Where it listens; 0 for a port that is free.', default: 8080, min: 0, max: 65_535}),
    latency: Flags.integer({helpValue: 'MS', summary: 'How long each answer takes longer.', default: 0, min: 0, max: 60_000}),
    strict: Flags.boolean({summary: 'Refuse requests to the Platform API with fields that Turso does not know.'}),
    cloud: Flags.boolean({summary: 'Answer as Turso Cloud where it differs from the open-source server.'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Dev)
    const {settings} = await this.context({...flags, platform: 'local'})
    const {listen} = await import('../src/server/listen.ts')
    const directory = settings['local.directory'].value
    const group = settings['turso.group'].value
    const server = await listen({
      directory,
      group,
      port: flags.port,
      latencyMs: flags.latency,
      isCloud: flags.cloud,
      isStrict: flags.strict,
      version: `strat-cli ${this.config.version}`,
    })
    const end = interrupted()
    this.#announce(server, {url: server.url, organization: server.organization, group, directory})
    await end
    this.logNext('Stopping: the requests that are under way are answered first.')
    await server.stop()
  }

  /** The result was written when it was there: when the server was ready. */
  override logJson(): void {}

  #announce({url, apiToken}: RunningServer, served: Served): void {
    if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify(served)}\n`)
    this.log(`Serving ${served.directory} at ${url}. Ctrl-C stops it.\n`)
    this.log(
      `export STRAT_PLATFORM=turso\nexport TURSO_API_BASEURL=${url}\nexport TURSO_ORGANIZATION=${served.organization}\nexport TURSO_API_TOKEN=${apiToken}`,
    )
  }
}

/** Ctrl-C, or a request to end; the second one ends it at once. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}
