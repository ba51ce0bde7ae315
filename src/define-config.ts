/** The settings of a project, as `strat.config.ts` exports them. Flags and environment variables win over them. */
export type StratConfig = {
  /** Where the databases are: files in a directory on this machine, or Turso. Default: `local`. */
  platform?: 'local' | 'turso'
  local?: {
    /** The directory of the local platform, relative to this file. Default: `.strat`. */
    directory?: string
    /** Where a bot reaches `strat dev`. Default: `http://127.0.0.1:8080`. */
    url?: string
  }
  turso?: {
    organization?: string
    /** The group that new databases belong to. Default: `default`. */
    group?: string
    /** The Platform API, without `/v1`. Default: `https://api.turso.tech`. */
    apiUrl?: string
  }
  github?: {
    /** `owner/name`. Default: the `origin` remote. */
    repository?: string
    /** The name of a strategy's environment; `{name}` is the strategy's. Default: `{name}`. */
    environment?: string
    /** Default: `https://api.github.com`. */
    apiUrl?: string
  }
  /** A folder with `strategy/` and `archive/`, relative to this file. Default: the packaged migrations. */
  migrations?: string
  /** A folder with strategy templates (`<name>.json`), relative to this file, beside the packaged ones. */
  templates?: string
  /** When live strategies trade. Default: Monday to Friday, 09:15–15:30 in `Asia/Kolkata`. */
  market?: {
    /** An IANA time zone. */
    timeZone?: string
    days?: Weekday[]
    /** `HH:MM`, in the time zone. */
    open?: string
    close?: string
    /** `YYYY-MM-DD`. */
    holidays?: string[]
    /** The first month of the financial year, 1 to 12. Default: 4, as in India. */
    financialYearStart?: number
  }
  tokens?: {
    /** How long a bot's token lives: `90d`, `12h`, `2w`, at most `365d`. Default: `90d`. */
    lifetime?: string
    /** After how long it is replaced; shorter than the lifetime. Default: `30d`. */
    interval?: string
    /** Where the bot's secrets are kept on GitHub. Default: `environment`. */
    secretScope?: 'environment' | 'repository' | 'organization'
  }
  /** Which databases a run over the fleet changes together, and in which order: patterns of names. Default: `['stage-*', 'live-*']`. */
  waves?: string[]
  /** How many databases are worked on at once. Default: measured while it runs. */
  concurrency?: number
}

export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday'

/** Gives an editor the type of the settings; returns them as they are. */
export const defineConfig = (config: StratConfig): StratConfig => config
