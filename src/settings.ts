import {dirname, resolve} from 'node:path'
import type {LoadedConfig} from './config.ts'
import type {StratConfig} from './define-config.ts'
import {type Environment, findSetting, type Lookup, type Setting} from './find-setting.ts'
import type {Market} from './fleet/market.ts'
import {defaultWaves} from './fleet/waves.ts'
import {asCount, asPlatform, asUrl} from './setting-values.ts'

/** The flags that set a setting. */
export type SettingFlags = {
  platform?: string | undefined
  organization?: string | undefined
  group?: string | undefined
  concurrency?: number | undefined
  repo?: string | undefined
  wave?: string[] | undefined
}

/** Every setting with its value and source. What is a secret is only known to be there or not: `value` is a boolean. */
export type Settings = ReturnType<typeof resolveSettings>

const defaultMarket = {
  timeZone: 'Asia/Kolkata',
  days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
  open: '09:15',
  close: '15:30',
  holidays: [],
} satisfies StratConfig['market']

export type SettingsInput = {
  flags: SettingFlags
  env: Environment
  loaded: LoadedConfig
  cwd: string
  /** Where `strat login` stores platform tokens, and whether it has one for an API. */
  login: {file: string; isStoredFor(apiUrl: string): boolean}
}

/**
 * The settings of a command: flag, environment, login, configuration file, default. Relative paths of the file are relative to it,
 * all others to `cwd`.
 *
 * @throws StratError ENVIRONMENT_INVALID for an environment variable that is no valid value
 */
export function resolveSettings({flags, env, loaded, cwd, login}: SettingsInput) {
  const {config, file} = loaded
  const base = file === undefined ? cwd : dirname(file)
  const find = <T>(lookup: Lookup<T>): Setting<T> => findSetting(lookup, env, file)
  const folder = (path: string | undefined) => (path === undefined ? undefined : resolve(base, path))
  const text = (value: string) => value
  const {market, tokens} = config
  const apiUrl = find({
    env: ['TURSO_API_BASEURL'],
    // With the version, as Turso's SDK takes it, it is the same API.
    parse: (text, from) => withoutVersion(asUrl(text, from)),
    key: ['turso.apiUrl', config.turso?.apiUrl && withoutVersion(config.turso.apiUrl.replace(/\/+$/, ''))],
    fallback: 'https://api.turso.tech',
  })
  return {
    platform: find({
      flag: ['--platform', asPlatform(flags.platform, '--platform')],
      env: ['STRAT_PLATFORM'],
      parse: asPlatform,
      key: ['platform', config.platform],
      fallback: 'local' as const,
    }),
    'local.directory': find({
      env: ['STRAT_DIRECTORY'],
      parse: (path) => resolve(cwd, path),
      key: ['local.directory', folder(config.local?.directory)],
      fallback: resolve(base, '.strat'),
    }),
    'local.url': find({
      env: ['STRAT_DEV_URL'],
      parse: asUrl,
      key: ['local.url', config.local?.url && asUrl(config.local.url, 'local.url')],
      fallback: 'http://127.0.0.1:8080',
    }),
    'turso.organization': find<string | null>({
      flag: ['--organization', flags.organization],
      env: ['TURSO_ORGANIZATION'],
      parse: text,
      key: ['turso.organization', config.turso?.organization],
      fallback: null,
    }),
    'turso.group': find({flag: ['--group', flags.group], env: ['TURSO_GROUP'], parse: text, key: ['turso.group', config.turso?.group], fallback: 'default'}),
    'turso.apiUrl': apiUrl,
    'turso.apiToken': find({
      env: ['TURSO_API_TOKEN'],
      parse: isSet,
      isSecret: true,
      login: [login.file, login.isStoredFor(apiUrl.value) || undefined],
      fallback: false,
    }),
    // Without it the remote `origin` counts, which is asked for only where it matters.
    'github.repository': find<string | null>({
      flag: ['--repo', flags.repo],
      env: ['GITHUB_REPOSITORY'],
      parse: text,
      key: ['github.repository', config.github?.repository],
      fallback: null,
    }),
    'github.environment': find({key: ['github.environment', config.github?.environment], fallback: '{name}'}),
    'github.apiUrl': find({env: ['GITHUB_API_URL'], parse: asUrl, key: ['github.apiUrl', config.github?.apiUrl], fallback: 'https://api.github.com'}),
    'github.token': find({env: ['GITHUB_TOKEN', 'GH_TOKEN'], parse: isSet, isSecret: true, fallback: false}),
    'github.appId': find({env: ['STRAT_GITHUB_APP_ID'], parse: isSet, isSecret: true, fallback: false}),
    'github.appPrivateKey': find({
      env: ['STRAT_GITHUB_APP_PRIVATE_KEY', 'STRAT_GITHUB_APP_PRIVATE_KEY_FILE'],
      parse: isSet,
      isSecret: true,
      fallback: false,
    }),
    migrations: find<string | null>({key: ['migrations', folder(config.migrations)], fallback: null}),
    templates: find<string | null>({key: ['templates', folder(config.templates)], fallback: null}),
    'market.timeZone': find({key: ['market.timeZone', market?.timeZone], fallback: defaultMarket.timeZone}),
    'market.days': find<string[]>({key: ['market.days', market?.days], fallback: defaultMarket.days}),
    'market.open': find({key: ['market.open', market?.open], fallback: defaultMarket.open}),
    'market.close': find({key: ['market.close', market?.close], fallback: defaultMarket.close}),
    'market.holidays': find<string[]>({key: ['market.holidays', market?.holidays], fallback: defaultMarket.holidays}),
    'market.financialYearStart': find({key: ['market.financialYearStart', market?.financialYearStart], fallback: 4}),
    'tokens.lifetime': find({key: ['tokens.lifetime', tokens?.lifetime], fallback: '90d'}),
    'tokens.interval': find({key: ['tokens.interval', tokens?.interval], fallback: '30d'}),
    'tokens.secretScope': find({key: ['tokens.secretScope', tokens?.secretScope], fallback: 'environment' as const}),
    waves: find<string[]>({flag: ['--wave', flags.wave], key: ['waves', config.waves], fallback: defaultWaves}),
    concurrency: find<number | null>({
      flag: ['--concurrency', flags.concurrency],
      env: ['STRAT_CONCURRENCY'],
      parse: asCount,
      key: ['concurrency', config.concurrency],
      fallback: null,
    }),
  }
}

/** When live strategies trade, by the settings. */
export const marketOf = (settings: Settings): Market => ({
  timeZone: settings['market.timeZone'].value,
  days: settings['market.days'].value,
  open: settings['market.open'].value,
  close: settings['market.close'].value,
  holidays: settings['market.holidays'].value,
})

const withoutVersion = (url: string) => url.replace(/\/v1$/, '')

const isSet = () => true
