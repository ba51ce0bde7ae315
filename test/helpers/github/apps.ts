import {type Answer, isoSeconds, refuse} from './answer.ts'
import type {App} from './app.ts'
import type {AppCall} from './call.ts'
import {canSee, newToken, type Permissions} from './tokens.ts'

export function getApp({app}: AppCall): Answer {
  const name = `strat-${app.id}`
  const times = {created_at: isoSeconds(0), updated_at: isoSeconds(0)}
  const links = {external_url: 'https://example.com/', html_url: `https://github.com/apps/${name}`}
  const {id, clientId, permissions} = app
  const body = {id, slug: name, client_id: clientId, node_id: `A_${id}`, owner: account, name, description: null, ...links, ...times, permissions, events: []}
  return {status: 200, body}
}

export function getInstallation({github, app, params}: AppCall): Answer {
  const repository = github.repositories.get(`${params['owner']}/${params['repo']}`.toLowerCase())
  if (!repository || !canSee({kind: 'integration', expiresAt: 0, ...app}, repository)) return refuse(404, 'Not Found')
  const base = `${github.url}/app/installations/${app.installationId}`
  const body = {
    id: app.installationId,
    account,
    repository_selection: selectionOf(app),
    ...{access_tokens_url: `${base}/access_tokens`, repositories_url: `${github.url}/installation/repositories`, html_url: 'https://github.com/settings/apps'},
    ...{app_id: app.id, app_slug: `strat-${app.id}`, target_id: 1, target_type: 'Organization', permissions: app.permissions, events: []},
    ...{created_at: isoSeconds(0), updated_at: isoSeconds(0), single_file_name: null, suspended_by: null, suspended_at: null},
  }
  return {status: 200, body}
}

export function createInstallationToken({github, app, params, body}: AppCall): Answer {
  if (params['installation_id'] !== String(app.installationId)) return refuse(404, 'Not Found')
  const {permissions = app.permissions, repositories: names = [], repository_ids: ids = []} = (body ?? {}) as TokenBody
  const isGranted = Object.entries(permissions).every(([name, access]) => app.permissions[name] === 'write' || app.permissions[name] === access)
  if (!isGranted) return refuse(422, 'The permissions requested are not granted to this installation.')
  const asked = [...names.map((name) => name.toLowerCase()), ...ids]
  const installed = [...github.repositories].filter(([full]) => app.repositories?.includes(full) ?? true)
  const found = installed.filter(([, {id, name}]) => asked.includes(id) || asked.includes(name.toLowerCase())).map(([full]) => full)
  if (found.length < asked.length) {
    return refuse(422, 'There is at least one repository that does not exist or is not accessible to the parent installation.')
  }
  const chosen = found.length > 0 ? found : undefined
  const expiresAt = Math.floor((github.now() + github.installationTokenMs) / 1000) * 1000
  const token = github.grant('integration', permissions, newToken('ghs_'), chosen ?? app.repositories, expiresAt)
  return {status: 201, body: {token, expires_at: isoSeconds(expiresAt), permissions, repository_selection: chosen ? 'selected' : selectionOf(app)}}
}

type TokenBody = {permissions?: Permissions; repositories?: string[]; repository_ids?: number[]}

const account = {login: 'desk', id: 1, type: 'Organization'}
const selectionOf = ({repositories}: App) => (repositories ? 'selected' : 'all')
