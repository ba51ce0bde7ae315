import {readdirSync, readFileSync} from 'node:fs'
import {Ajv, type ErrorObject, type ValidateFunction} from 'ajv'
import addFormats from 'ajv-formats'
import type {Answer} from './answer.ts'

/** A call's schemas: of its query, its body, and of the answer with each status; null for an answer without a body. */
type Operation = {query?: object; body?: object; [status: string]: object | null | undefined}
type Description = {$defs: object; operations: Record<string, Operation>}

const folder = new URL('../../fixtures/github-api/', import.meta.url)
const noQuery = {type: 'object', additionalProperties: false}
const text = {type: 'string'}
const error = {type: 'object', properties: {message: text, documentation_url: text, status: text}, required: ['message'], additionalProperties: false}

export type Schemas = {
  /** What GitHub would say is wrong with a request's body or query; undefined where nothing is. */
  complaint(operation: string, query: URLSearchParams, body: unknown): string | undefined
  /** In what an answer is not as described; undefined where it is. */
  defect(operation: string, answer: Answer): string | undefined
}

/** Reads the schemas of all calls that the stand-in takes. */
export function readSchemas(): Schemas {
  const ajv = new Ajv({strict: false})
  addFormats.default(ajv)
  const descriptions = readdirSync(folder).map((file): Description => JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
  const validators = new Map<string, ValidateFunction>()
  const schemaOf = (operation: string, part: string) => {
    const description = descriptions.find(({operations}) => operation in operations)
    const schema = description?.operations[operation]?.[part]
    return schema && {...schema, $defs: description?.$defs}
  }
  const errorsOf = (key: string, schema: object, value: unknown): ErrorObject[] => {
    const validate = validators.get(key) ?? ajv.compile(schema)
    validators.set(key, validate)
    return validate(value) ? [] : (validate.errors ?? [])
  }
  return {
    complaint(operation, query, body) {
      const ofQuery = errorsOf(`${operation} query`, schemaOf(operation, 'query') ?? noQuery, Object.fromEntries(query))
      const ofBody = errorsOf(`${operation} body`, schemaOf(operation, 'body') ?? {type: 'null'}, body)
      const first = [...ofQuery, ...ofBody][0]
      return first && `Invalid request.\n\n${inGithubsWords(first)}`
    },
    defect(operation, {status, body}) {
      const schema = status >= 400 ? error : schemaOf(operation, String(status))
      if (!schema) return schema === null && body === undefined ? undefined : `${status} is not described so`
      const errors = errorsOf(status >= 400 ? 'error' : `${operation} ${status}`, schema, body)
      return errors.length > 0 ? `${status}: ${ajv.errorsText(errors)}` : undefined
    },
  }
}

function inGithubsWords({keyword, params, instancePath, message}: ErrorObject): string {
  if (keyword === 'required') return `"${params['missingProperty']}" wasn't supplied.`
  if (keyword === 'additionalProperties') return `"${params['additionalProperty']}" is not a permitted key.`
  return `For '${instancePath || '/'}', the value ${message}.`
}
