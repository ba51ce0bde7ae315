import {type Answer, isAnswer, refuse} from './answer.ts'
import {signerOf} from './app.ts'
import {createInstallationToken, getApp, getInstallation} from './apps.ts'
import type {AppCall, Call, RepositoryCall, ScopeCall} from './call.ts'
import {listSelectedRepositories, putSelectedRepositories} from './organization.ts'
import {getEnvironment, getRepository, listEnvironments, putEnvironment} from './repositories.ts'
import {dispatch, listJobs, listRuns} from './runs.ts'
import {deleteSecret, getPublicKey, getSecret, listSecrets, putSecret} from './secrets.ts'
import {bearerOf, canSee, grantOf, type Needed, refusal} from './tokens.ts'
import {deleteVariable, getVariable, listVariables, patchVariable, postVariable} from './variables.ts'

/** What a call needs, and who answers it. Apps' calls take another kind of token, and look at it themselves. */
export type Route = {needs: Needed | 'app'; answer: (call: Call) => Answer | Promise<Answer>}

const repo = '/repos/{owner}/{repo}'
const environment = `${repo}/environments/{environment_name}`
const organization = '/orgs/{org}/actions'

/** Each call that the stand-in takes, named as GitHub's description names it. */
export const routes: Record<string, Route> = {
  ...ofScope(`${repo}/actions`, 'secrets', 'variables'),
  ...ofScope(environment, 'environments', 'environments'),
  ...ofScope(organization, 'organization_secrets', 'organization_actions_variables'),
  [`GET ${organization}/secrets/{secret_name}/repositories`]: inScope('organization_secrets=read', listSelectedRepositories),
  [`PUT ${organization}/secrets/{secret_name}/repositories`]: inScope('organization_secrets=write', putSelectedRepositories),
  [`GET ${repo}`]: inRepository('metadata=read', getRepository),
  [`GET ${repo}/environments`]: inRepository('actions=read', listEnvironments),
  [`GET ${environment}`]: inRepository('actions=read', getEnvironment),
  [`PUT ${environment}`]: inRepository('administration=write', putEnvironment),
  [`GET ${repo}/actions/runs`]: inRepository('actions=read', listRuns),
  [`GET ${repo}/actions/workflows/{workflow_id}/runs`]: inRepository('actions=read', listRuns),
  [`GET ${repo}/actions/runs/{run_id}/jobs`]: inRepository('actions=read', listJobs),
  [`POST ${repo}/actions/workflows/{workflow_id}/dispatches`]: inRepository('actions=write', dispatch),
  'GET /app': asApp(getApp),
  [`GET ${repo}/installation`]: asApp(getInstallation),
  'POST /app/installations/{installation_id}/access_tokens': asApp(createInstallationToken),
}

function ofScope(base: string, secrets: string, variables: string): Record<string, Route> {
  return {
    [`GET ${base}/secrets`]: inScope(`${secrets}=read`, listSecrets),
    [`GET ${base}/secrets/public-key`]: inScope(`${secrets}=read`, getPublicKey),
    [`GET ${base}/secrets/{secret_name}`]: inScope(`${secrets}=read`, getSecret),
    [`PUT ${base}/secrets/{secret_name}`]: inScope(`${secrets}=write`, putSecret),
    [`DELETE ${base}/secrets/{secret_name}`]: inScope(`${secrets}=write`, deleteSecret),
    [`GET ${base}/variables`]: inScope(`${variables}=read`, listVariables),
    [`POST ${base}/variables`]: inScope(`${variables}=write`, postVariable),
    [`GET ${base}/variables/{name}`]: inScope(`${variables}=read`, getVariable),
    [`PATCH ${base}/variables/{name}`]: inScope(`${variables}=write`, patchVariable),
    [`DELETE ${base}/variables/{name}`]: inScope(`${variables}=write`, deleteVariable),
  }
}

function inRepository(needs: Needed, answer: (call: RepositoryCall) => Answer | Promise<Answer>): Route {
  return {
    needs,
    answer(call) {
      const {owner = '', repo = ''} = call.params
      const repository = call.github.repositories.get(`${owner}/${repo}`.toLowerCase())
      const grant = grantOf(call.github, call.headers)
      if (isAnswer(grant)) return grant
      if (!repository || !canSee(grant, repository)) return refuse(404, 'Not Found')
      return refusal(grant, needs) ?? refuseWrong(call) ?? answer({...call, repository})
    },
  }
}

function inScope(needs: Needed, answer: (call: ScopeCall) => Answer): Route {
  const ofRepository = inRepository(needs, (call) => {
    const name = call.params['environment_name']
    const scope = name === undefined ? call.repository : call.repository.environments.get(name.toLowerCase())
    return scope ? answer({...call, scope, organization: undefined}) : refuse(404, 'Not Found')
  })
  const ofOrganization = (call: Call): Answer => {
    const organization = call.github.organizations.get(call.params['org']?.toLowerCase() ?? '')
    const grant = grantOf(call.github, call.headers)
    if (isAnswer(grant)) return grant
    if (!organization) return refuse(404, 'Not Found')
    return refusal(grant, needs) ?? refuseWrong(call) ?? answer({...call, scope: organization, organization})
  }
  return {needs, answer: (call) => ('org' in call.params ? ofOrganization(call) : ofRepository.answer(call))}
}

function asApp(answer: (call: AppCall) => Answer): Route {
  return {
    needs: 'app',
    answer(call) {
      const app = signerOf(call.github, bearerOf(call.headers))
      return isAnswer(app) ? app : (refuseWrong(call) ?? answer({...call, app}))
    },
  }
}

const refuseWrong = ({complaint}: Call) => (complaint === undefined ? undefined : refuse(422, complaint))
