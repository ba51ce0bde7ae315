import {checkName} from './database-name.ts'
import type {Platform, PlatformDatabase} from './platform.ts'
import {type Send, type TursoApiOptions, tursoApi} from './turso-api.ts'
import {configureDatabase, deleteProtected, readConfiguration, requireDeletable} from './turso-configuration.ts'
import {createOrFind, deleteIfSame, forkOrFind, isMissing} from './turso-create.ts'
import {type DatabaseAnswer, toDatabase} from './turso-database.ts'
import {answerInvalid, databaseNotFound, refused, TursoRefusal} from './turso-errors.ts'
import {listDatabases} from './turso-list.ts'
import {explainRefusal, findOrganization} from './turso-organization.ts'
import {tursoSdk} from './turso-sdk.ts'
import {invalidateTokens, mintToken, OwnTokens} from './turso-tokens.ts'
import {readUsage} from './turso-usage.ts'

export type TursoPlatformOptions = TursoApiOptions & {
  /** Null: the only one that the platform token belongs to. */
  organization: string | null
  /** The group that new databases belong to. */
  group: string
}

/** One organization's databases on Turso, or on `strat dev`, which answers alike. Nothing is asked before the first call. */
export function tursoPlatform(options: TursoPlatformOptions): Platform {
  const {group} = options
  const api = new URL(options.apiUrl)
  const send = tursoApi(options)
  const tokens = new OwnTokens({send, host: api.host})
  const usingOrganization = lendOrganization(send, options)
  /** The ids of databases that this process asked to be made: the hosts of new ones do not answer at once. */
  const asked = new Set<string>()

  /** Lends the calls about one database whose name is checked. */
  const usingDatabases = <T>(name: string, use: (calls: ReturnType<typeof databaseCalls>, path: string) => Promise<T>) => {
    checkName(name)
    return usingOrganization((organization, path) => use(databaseCalls(organization, send, api, group), path))
  }

  return {
    location: options.organization === null ? 'Turso' : `Turso (organization ${options.organization})`,

    listDatabases: () => usingOrganization((_, path) => listDatabases(send, api, path)),

    getDatabase: async (name) => usingDatabases(name, ({find}) => find(name)),

    createDatabase: async (name) =>
      usingDatabases(name, async (calls) => {
        const result = await createOrFind(calls, name)
        asked.add(result.database.id)
        return result
      }),

    forkDatabase: async (source, name) =>
      usingDatabases(name, async (calls) => {
        checkName(source.name)
        const fork = await forkOrFind(calls, source, name)
        asked.add(fork.id)
        return fork
      }),

    requireDeletable: async (database) =>
      usingDatabases(database.name, (_, path) => orNotFound(database.name, requireDeletable(send, api.host, path, database))),

    deleteDatabase: async (database) => usingDatabases(database.name, (calls) => deleteIfSame(calls, database)),

    readConfiguration: async (name) => usingDatabases(name, (_, path) => orNotFound(name, readConfiguration(send, api.host, `${path}/databases/${name}`))),

    configureDatabase: async (name, changes) =>
      usingDatabases(name, (_, path) => orNotFound(name, configureDatabase(send, `${path}/databases/${name}`, changes))),

    createDatabaseToken: async (name, request) =>
      usingDatabases(name, (_, path) => orNotFound(name, mintToken({send, host: api.host}, `${path}/databases/${name}`, request))),

    invalidateTokens: async ({name, group}) =>
      usingDatabases(name, async (_, path) => {
        try {
          return await orNotFound(name, invalidateTokens(send, path, {name, group}))
        } finally {
          tokens.forget()
        }
      }),

    readUsage: () => usingOrganization(async (_, path) => readUsage(send, api.host, path, await listDatabases(send, api, path))),

    connect: (database) =>
      usingOrganization(async (_, path) => {
        const {name, url, id} = database
        const authToken = await orNotFound(name, tokens.forDatabase(path, database))
        return {name, url, authToken, ...(asked.has(id) && {isNew: true})}
      }),
  }
}

/** Lends the organization's name and path, found out once, and explains what is refused there. */
function lendOrganization(send: Send, {organization: wanted, group}: TursoPlatformOptions) {
  let found: Promise<string> | undefined
  return async <T>(use: (organization: string, path: string) => Promise<T>): Promise<T> => {
    found ??= findOrganization(send, wanted)
    const organization = await found.catch((error) => {
      found = undefined
      throw error instanceof TursoRefusal ? refused(error) : error
    })
    try {
      return await use(organization, `organizations/${organization}`)
    } catch (error) {
      throw error instanceof TursoRefusal ? await explainRefusal(send, error, {organization, group}) : error
    }
  }
}

function databaseCalls(organization: string, send: Send, api: URL, group: string) {
  const {databases} = tursoSdk(organization, send)
  const toAnswered = (answer: Promise<DatabaseAnswer>) =>
    answer.then(
      (database) => toDatabase(api, database),
      (error) => {
        // What the SDK makes of an answer that lacks the database.
        throw error instanceof TypeError ? answerInvalid(api.host, 'it answers without the database', error) : error
      },
    )
  const create = (name: string, options: {group: string; seed?: ReturnType<typeof seedOf>}) =>
    toAnswered(databases.create(name, options).then((created) => ({...created, group: options.group})))
  return {
    create: (name: string) => create(name, {group}),
    fork: (source: PlatformDatabase, name: string) => create(name, {group: source.group || group, seed: seedOf(source)}),
    find: (name: string) =>
      toAnswered(databases.get(name)).catch((error) => {
        if (isMissing(error)) return undefined
        throw error
      }),
    delete: (name: string) =>
      databases.delete(name).then(
        () => undefined,
        (error) => {
          if (error instanceof TursoRefusal && error.status === 403 && /protected/i.test(error.message)) throw deleteProtected(name)
          throw error
        },
      ),
  }
}

/** The source of a fork: Turso's documentation and its SDK say `name`, turso-cli says `value`. */
const seedOf = ({name}: PlatformDatabase) => ({type: 'database' as const, name, value: name})

async function orNotFound<T>(name: string, answer: Promise<T>): Promise<T> {
  return answer.catch((error) => {
    throw isMissing(error) ? databaseNotFound(name) : error
  })
}
