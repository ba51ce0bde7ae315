import {type Route, routes} from './routes.ts'

/** The call that a request is, and the values in its path; of two that fit, the one with more words of its own. */
export function findRoute(method: string, path: string): {operation: string; route: Route; params: Record<string, string>} | undefined {
  const fitting = Object.entries(routes).flatMap(([operation, route]) => {
    const [itsMethod, template = ''] = operation.split(' ')
    const params = itsMethod === method ? match(template.split('/'), path.split('/')) : undefined
    return params ? [{operation, route, params}] : []
  })
  return fitting.sort((one, other) => Object.keys(one.params).length - Object.keys(other.params).length)[0]
}

function match(template: string[], path: string[]): Record<string, string> | undefined {
  if (template.length !== path.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, word] of template.entries()) {
    const segment = path[index] ?? ''
    if (!word.startsWith('{')) {
      if (segment !== word) return undefined
    } else if (segment === '') return undefined
    else {
      const value = decode(segment)
      if (value === undefined) return undefined
      params[word.slice(1, -1)] = value
    }
  }
  return params
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
