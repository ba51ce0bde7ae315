/** Names have no case: GitHub keeps them in upper case. */
export const nameOf = (params: Record<string, string>) => (params['secret_name'] ?? params['name'] ?? '').toUpperCase()

/** What is wrong with a name, in GitHub's words. */
export function complaintOfName(name: string, kind: 'Secret' | 'Variable'): string | undefined {
  if (name.startsWith('GITHUB_')) return `${kind} names must not start with GITHUB_.`
  if (/^[A-Z_][A-Z0-9_]*$/.test(name)) return undefined
  return `${kind} names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_).`
}

export const byName = <T extends {name: string}>(all: T[]) => all.sort((one, other) => (one.name < other.name ? -1 : 1))
