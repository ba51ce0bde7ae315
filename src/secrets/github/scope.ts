/** Which secrets of GitHub a bot gets its own from: the setting `tokens.secretScope`. */
export type ScopeKind = 'environment' | 'repository' | 'organization'

/** Where a strategy's secrets and its variable are. */
export type Scope = {
  kind: ScopeKind
  /** As people know it. */
  title: string
  /** The path of its secrets and of its variables. */
  secrets: string
  variables: string
  /** The path of the environment itself, where it is one. */
  environment?: string
  /** Where one place is for all: the name with the strategy's behind it. */
  nameOf(name: string): string
}

export type ScopeOptions = {
  kind: ScopeKind
  /** `owner/name`. */
  repository: string
  /** The name of a strategy's environment, with `{name}` for the strategy's. */
  environment: string
}

/** The path of an environment, whose name may hold anything. */
export const environmentPath = (repository: string, environment: string) => `/repos/${repository}/environments/${encodeURIComponent(environment)}`

/** As names of secrets and variables are: upper case, `_` for what is no letter or digit. */
const upperSnake = (name: string) => name.toUpperCase().replaceAll('-', '_')

/** The scope that a strategy's secrets are in. */
export function scopeOf({kind, repository, environment: pattern}: ScopeOptions, strategy: string): Scope {
  if (kind !== 'environment') return {...sharedScope(kind, repository), nameOf: (name) => `${name}_${upperSnake(strategy)}`}
  const name = pattern.replaceAll('{name}', strategy)
  const environment = environmentPath(repository, name)
  return {
    kind,
    title: `environment ${name} of ${repository}`,
    secrets: `${environment}/secrets`,
    variables: `${environment}/variables`,
    environment,
    nameOf: (name) => name,
  }
}

/** The scope of notes: strat's own, of no strategy. */
export function noteScope({kind, repository}: ScopeOptions): Scope {
  return {...sharedScope(kind === 'organization' ? kind : 'repository', repository), nameOf: (name) => `STRAT_${upperSnake(name)}`}
}

function sharedScope(kind: 'repository' | 'organization', repository: string) {
  const title = kind === 'organization' ? `organization ${repository.split('/')[0]}` : `repository ${repository}`
  const path = kind === 'organization' ? `/orgs/${repository.split('/')[0]}/actions` : `/repos/${repository}/actions`
  return {kind, title, secrets: `${path}/secrets`, variables: `${path}/variables`}
}
