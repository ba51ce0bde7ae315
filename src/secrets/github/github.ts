import {serially} from '../../serially.ts'
import {checkSecrets, type SecretStore, secretNames} from '../secret-store.ts'
import type {WorkflowRuns} from '../workflow-runs.ts'
import {type GithubApi, type GithubApiOptions, githubApi} from './api.ts'
import {defaultLimits, type GithubLimits} from './limits.ts'
import {permissionsFor} from './permissions.ts'
import {workflowRuns} from './runs.ts'
import {noteScope, type ScopeOptions, scopeOf} from './scope.ts'
import {confirmSecret, deleteSecret, listSecrets, putSecret, ScopeKeys} from './secrets.ts'
import {shadowingFinder} from './shadowing.ts'
import {metaName, parseMeta, toMeta} from './token-meta.ts'
import {deleteVariable, readVariable, writeVariable} from './variables.ts'

export type GithubStoreOptions = Omit<GithubApiOptions, 'permissions' | 'limits'> & {
  /** Which secrets of GitHub they are. */
  scope: ScopeOptions['kind']
  /** The name of a strategy's environment, with `{name}` for the strategy's. */
  environment: string
  /** The run of a workflow that this process is a step of, if it is one. */
  ownRunId?: string | undefined
  limits?: Partial<GithubLimits>
}

/** Keeps bots' secrets in those of GitHub Actions, with a readable variable beside them that tells of the token; and looks at the runs that use them. */
export function githubStore({scope: kind, environment, ownRunId, limits: given, ...options}: GithubStoreOptions): SecretStore & WorkflowRuns {
  const limits = {...defaultLimits, ...given}
  const api = githubApi({...options, permissions: permissionsFor(kind), limits})
  return {
    ...secretStore(api, {kind, environment, repository: options.repository}, limits),
    ...workflowRuns(api, {readsAtStart: kind === 'environment', ownRunId}, limits),
  }
}

function secretStore(api: GithubApi, options: ScopeOptions, {confirmMs}: GithubLimits): SecretStore {
  const {explaining} = api
  const keys = new ScopeKeys(api)
  const requireUnshadowed = shadowingFinder(api)
  const inOrder = serially()
  const placeOf = (strategy: string) => {
    const scope = scopeOf(options, strategy)
    return {scope, names: secretNames.map((name) => scope.nameOf(name)), meta: scope.nameOf(metaName)}
  }
  const placesOf: SecretStore['placesOf'] = (strategy) => {
    const {scope, names} = placeOf(strategy)
    return names.map((name) => ({store: 'github', scope: scope.title, name}))
  }
  const presentSecrets = async (strategy: string) => {
    const times = await listSecrets(api, placeOf(strategy).scope.secrets)
    if (times.size === 0) await api.requireRepository()
    return times
  }

  return {
    kind: 'github',

    placesOf,

    check: (strategy, {dryRun = false, isProven = false} = {}) =>
      explaining(async () => {
        const {scope, names} = placeOf(strategy)
        await Promise.all([requireUnshadowed(scope, names), dryRun ? keys.peek(scope) : keys.get(scope)])
        if (!isProven) return
        // A token that may only read gets the key as well.
        await putSecret(api, keys, scope, {name: scope.nameOf('STRAT_PROBE'), value: 'probe'})
        await deleteSecret(api, scope, scope.nameOf('STRAT_PROBE'))
      }),

    read: (strategy) =>
      explaining(async () => {
        const {scope, meta} = placeOf(strategy)
        const variable = await readVariable(api, scope, meta)
        if (!variable) await api.requireRepository()
        const token = variable && parseMeta(variable.text, scope.title)
        const unreadable = variable && !token ? [`${meta} in the ${scope.title} is nothing that strat has written, so nothing is known of the token.`] : []
        return {url: token?.url ?? null, token: token ?? null, recordedAt: variable?.updatedAt ?? null, warnings: [...api.takeWarnings(), ...unreadable]}
      }),

    list: (strategy) =>
      explaining(async () => {
        const present = await presentSecrets(strategy)
        return placesOf(strategy).flatMap((place) => {
          const changed = present.get(place.name)
          return changed === undefined ? [] : [{...place, updatedAt: Number.isNaN(changed) ? null : new Date(changed)}]
        })
      }),

    write: async (strategy, secrets, {knownUrl} = {knownUrl: null}) => {
      checkSecrets(secrets)
      const {scope} = placeOf(strategy)
      const [urlName, tokenName] = [scope.nameOf('TURSO_DB_URL'), scope.nameOf('TURSO_AUTH_TOKEN')]
      const putUrl = () => putSecret(api, keys, scope, {name: urlName, value: secrets.TURSO_DB_URL})
      return inOrder(strategy, () =>
        explaining(async () => {
          const isUrlKnown = knownUrl === secrets.TURSO_DB_URL
          if (!isUrlKnown) await putUrl()
          const since = await putSecret(api, keys, scope, {name: tokenName, value: secrets.TURSO_AUTH_TOKEN})
          const times = await confirmSecret(api, scope, tokenName, {since, confirmMs})
          if (isUrlKnown && !times.has(urlName)) await putUrl()
          return {warnings: api.takeWarnings()}
        }),
      )
    },

    record: (strategy, record) => {
      const {scope, meta} = placeOf(strategy)
      return explaining(() => writeVariable(api, scope, meta, toMeta(record)))
    },

    remove: (strategy) =>
      explaining(async () => {
        const {scope, meta, names} = placeOf(strategy)
        const times = await presentSecrets(strategy)
        const present = names.filter((name) => times.has(name))
        // First, for nobody looks for it where there are no secrets.
        await deleteVariable(api, scope, meta)
        for (const name of present) await deleteSecret(api, scope, name)
        return present
      }),

    readNote: (name) => {
      const scope = noteScope(options)
      return explaining(async () => (await readVariable(api, scope, scope.nameOf(name)))?.text)
    },

    writeNote: (name, text) => {
      const scope = noteScope(options)
      return explaining(() => (text === undefined ? deleteVariable(api, scope, scope.nameOf(name)) : writeVariable(api, scope, scope.nameOf(name), text)))
    },
  }
}
