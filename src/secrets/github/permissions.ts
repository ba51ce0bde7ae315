import type {ScopeKind} from './scope.ts'

/** GitHub's pages and some of its servers call those of variables otherwise than its API does. */
const everywhere = ['actions', 'actions_variables', 'variables', 'environments']

const more: Record<ScopeKind, string[]> = {
  // Environments are made by those who administer.
  environment: ['administration'],
  repository: ['secrets'],
  organization: ['secrets', 'organization_secrets', 'organization_actions_variables', 'organization_variables'],
}

/** What a token of an App is asked for, by GitHub's names of permissions. */
export const permissionsFor = (kind: ScopeKind): string[] => [...everywhere, ...more[kind]]
