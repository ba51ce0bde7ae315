/** Names of permissions in the header that GitHub's pages call otherwise. */
const pageNames: Record<string, string> = {actions_variables: 'Variables', organization_actions_variables: 'Organization variables'}

/** `X-Accepted-GitHub-Permissions` in words: `secrets=write,environments=read` is "Secrets: write and Environments: read"; undefined for anything else. */
export function permissionWords(header: unknown): string | undefined {
  // Only words that can be no part of a secret, whatever answers.
  if (typeof header !== 'string' || !/^[a-z_]{1,40}=(?:read|write|admin)(?:[,;] *[a-z_]{1,40}=(?:read|write|admin))*$/.test(header)) return undefined
  const alternatives = header.split(/; */).map((all) =>
    all
      .split(/, */)
      .map((each) => wordsOf(each))
      .join(' and '),
  )
  return alternatives.join(', or ')
}

function wordsOf(permission: string): string {
  const [name = '', level = ''] = permission.split('=')
  const words = name.replaceAll('_', ' ')
  return `${pageNames[name] ?? words.charAt(0).toUpperCase() + words.slice(1)}: ${level}`
}
