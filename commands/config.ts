import {StratCommand} from '../src/command.ts'
import type {Setting} from '../src/find-setting.ts'
import {repo} from '../src/flags.ts'
import type {Settings} from '../src/settings.ts'

type ShownConfig = {file: string | null; settings: Record<keyof Settings, Setting>}

export default class Config extends StratCommand {
  static override summary = 'Show every setting, its value and where it comes from.'
  static override description =
    'Strongest first: flag, environment, strat.config.* in this folder or the nearest one above, default. Of secrets only whether they are set.'
  static override examples = ['<%= config.bin %> config', '<%= config.bin %> config --json']

  static override flags = {repo}

  async run(): Promise<ShownConfig> {
    const {flags} = await this.parse(Config)
    const {settings: known, configFile, findRepository} = await this.context(flags)
    const settings = {...known, 'github.repository': await findRepository()}
    this.logTable(
      ['SETTING', 'VALUE', 'SOURCE'],
      Object.entries(settings).map(([name, {value, source, from}]) => [name, show(value), from === '' ? source : `${source} (${from})`]),
    )
    return {file: configFile ?? null, settings}
  }
}

function show(value: Setting['value']): string {
  if (value === null || value === false) return 'not set'
  if (value === true) return 'set'
  return Array.isArray(value) ? value.join(', ') || 'none' : String(value)
}
