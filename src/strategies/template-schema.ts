import * as v from 'valibot'
import type {PermissionAction} from '../platform/platform.ts'

const permissionActions: PermissionAction[] = ['data_read', 'data_add', 'data_update', 'data_delete', 'schema_add', 'schema_update', 'schema_delete']

const amount = v.pipe(v.number(), v.finite(), v.minValue(0))

/** What a template's file may hold. */
const schema = v.strictObject({
  kind: v.picklist(['strategy', 'archive']),
  description: v.optional(v.string()),
  capital: v.optional(v.strictObject({capitalAllocated: amount, freeMargin: amount, dailyStopLoss: amount})),
  permissions: v.array(
    v.strictObject({
      tables: v.nullable(v.pipe(v.array(v.string()), v.minLength(1))),
      actions: v.pipe(v.array(v.picklist(permissionActions)), v.minLength(1)),
    }),
  ),
  files: v.optional(v.record(v.string(), v.string()), {}),
})

type TemplateFile = v.InferOutput<typeof schema>

/** A template's content, or what is wrong with it. */
export function checkTemplate(content: unknown): {template: TemplateFile; problem?: never} | {template?: never; problem: string} {
  const result = v.safeParse(schema, content)
  if (result.success) return {template: result.output}
  const [issue] = result.issues
  return {problem: `${v.getDotPath(issue) ?? 'the template'}: ${issue.message}`}
}
