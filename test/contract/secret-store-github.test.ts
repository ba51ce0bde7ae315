import {usingGithub} from '../helpers/github/github.ts'
import {storeOf} from '../helpers/github-store.ts'
import {describeSecretStore} from './secret-store.ts'

for (const scope of ['environment', 'repository', 'organization'] as const) {
  describeSecretStore(`GitHub ${scope}`, (use) => usingGithub((github) => use(storeOf(github, {scope}), storeOf(github, {scope}))))
}
