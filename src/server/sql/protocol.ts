import {
  asArray,
  asBase64,
  asFloat,
  asInteger,
  asInteger64,
  asObject,
  asOptional,
  asText,
  type Json,
  type JsonObject,
  malformed,
  parseJson,
  required,
  typeOf,
} from './decode.ts'
import type {WireValue} from './values.ts'

/** Version of the protocol, as in the path: `/v2/pipeline`, `/v3/pipeline`. */
export type Version = 2 | 3

/** An SQL text: itself, or the id under which the stream stores it. Which of them is there is checked when it is used. */
export type SqlText = {sql?: string | undefined; sqlId?: number | undefined}
export type WireStatement = SqlText & {args: WireValue[]; namedArgs: {name: string; value: WireValue}[]}
export type Condition =
  | {type: 'ok' | 'error'; step: number}
  | {type: 'not'; condition: Condition}
  | {type: 'and' | 'or'; conditions: Condition[]}
  | {type: 'is_autocommit'}
export type BatchStep = {statement: WireStatement; condition?: Condition | undefined}
export type StreamRequest =
  | {type: 'close' | 'get_autocommit'}
  | {type: 'execute'; statement: WireStatement}
  | {type: 'batch'; steps: BatchStep[]}
  | ({type: 'sequence' | 'describe'} & SqlText)
  | {type: 'store_sql'; sqlId: number; sql: string}
  | {type: 'close_sql'; sqlId: number}
export type Pipeline = {baton: string | undefined; requests: StreamRequest[]}

const requestTypes = ['close', 'execute', 'batch', 'sequence', 'describe', 'store_sql', 'close_sql', 'get_autocommit'] as const
const valueTypes = ['null', 'integer', 'float', 'text', 'blob'] as const
const conditionTypes = ['ok', 'error', 'not', 'and', 'or', 'is_autocommit'] as const
/** A condition may hold others; deeper ones serve nobody but who looks for the end of the stack. */
const maxConditionDepth = 100

/**
 * Reads the body of a pipeline request.
 *
 * @throws ProtocolError in the words of sqld, without the place in the text
 */
export function decodePipeline(text: string): Pipeline {
  const body = parseJson(text)
  if (Array.isArray(body)) throw malformed(`invalid length ${body.length}, expected struct PipelineReqBody with 2 elements`)
  const object = asObject(body, 'struct PipelineReqBody')
  return {baton: asOptional(object['baton'], asText), requests: asArray(required(object, 'requests')).map(decodeRequest)}
}

function decodeRequest(json: Json): StreamRequest {
  const object = asObject(json, 'internally tagged enum StreamRequest')
  const type = typeOf(object, requestTypes)
  switch (type) {
    case 'execute':
      return {type, statement: decodeStatement(required(object, 'stmt'))}
    case 'batch':
      return {type, steps: asArray(required(asObject(required(object, 'batch'), 'struct Batch'), 'steps')).map(decodeStep)}
    case 'sequence':
    case 'describe':
      return {type, ...decodeSqlText(object)}
    case 'store_sql':
      return {type, sqlId: asInteger(required(object, 'sql_id'), 'i32'), sql: asText(required(object, 'sql'))}
    case 'close_sql':
      return {type, sqlId: asInteger(required(object, 'sql_id'), 'i32')}
    default:
      return {type}
  }
}

function decodeStep(json: Json): BatchStep {
  const object = asObject(json, 'struct BatchStep')
  return {statement: decodeStatement(required(object, 'stmt')), condition: asOptional(object['condition'], (value) => decodeCondition(value, 0))}
}

/** `want_rows` is not looked at: sqld sends the rows either way (recorded). */
function decodeStatement(json: Json): WireStatement {
  const object = asObject(json, 'struct Stmt')
  return {
    ...decodeSqlText(object),
    args: object['args'] === undefined ? [] : asArray(object['args']).map(decodeValue),
    namedArgs: object['named_args'] === undefined ? [] : asArray(object['named_args']).map(decodeNamedArg),
  }
}

const decodeSqlText = (object: JsonObject): SqlText => ({
  sql: asOptional(object['sql'], asText),
  sqlId: asOptional(object['sql_id'], (id) => asInteger(id, 'i32')),
})

function decodeNamedArg(json: Json): {name: string; value: WireValue} {
  const object = asObject(json, 'struct NamedArg')
  return {name: asText(required(object, 'name')), value: decodeValue(required(object, 'value'))}
}

function decodeValue(json: Json): WireValue {
  const object = asObject(json, 'internally tagged enum Value')
  const type = typeOf(object, valueTypes)
  switch (type) {
    case 'null':
      return {type}
    case 'integer':
      return {type, value: asInteger64(required(object, 'value'))}
    case 'float':
      return {type, value: asFloat(required(object, 'value'))}
    case 'text':
      return {type, value: asText(required(object, 'value'))}
    case 'blob':
      return {type, base64: asBase64(required(object, 'base64'))}
  }
}

function decodeCondition(json: Json, depth: number): Condition {
  if (depth > maxConditionDepth) throw malformed('recursion limit exceeded')
  const object = asObject(json, 'internally tagged enum BatchCond')
  const type = typeOf(object, conditionTypes)
  switch (type) {
    case 'ok':
    case 'error':
      return {type, step: asInteger(required(object, 'step'), 'u32')}
    case 'not':
      return {type, condition: decodeCondition(required(object, 'cond'), depth + 1)}
    case 'and':
    case 'or':
      return {type, conditions: asArray(required(object, 'conds')).map((inner) => decodeCondition(inner, depth + 1))}
    case 'is_autocommit':
      return {type}
  }
}
