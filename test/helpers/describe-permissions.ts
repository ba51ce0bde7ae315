import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {PermissionChecker} from '../../src/server/permissions/permissions.ts'
import {checkerFor, permissions} from './checker.ts'

/** What is described, the permissions in short, and the statements that they allow and refuse. */
export type Cases = [what: string, permissions: string, allowed: string[], refused: string[]]

/** Tests each statement against the permissions, on the schema that these statements make. */
export function describePermissions(schema: string[], cases: Cases[]): void {
  let checker: PermissionChecker
  beforeAll(() => {
    checker = checkerFor(schema)
  })
  afterAll(() => checker.close())
  describe.each(cases)('%s', (_, granted, allowed, refused) => {
    const token = permissions(granted)
    test.each(allowed)('allows %s', (sql) => expect(checker.refusal(sql, token)).toBeUndefined())
    test.each(refused)('refuses %s', (sql) => expect(checker.refusal(sql, token)).toMatch(/^(not authorized|access to \w+\.\w+ is prohibited)/))
  })
}
