import {foldCase} from '../../database/sql/tokens.ts'
import type {Permission, PermissionAction} from '../../platform/platform.ts'

/**
 * What a statement needs: one of the `actions` on a table (by its folded name), on all tables by one rule that names none, or on
 * any table at all. The `refusal` is what to answer if it is missing.
 */
export type Requirement = {actions: PermissionAction[]; on: {table: string} | 'all tables' | 'any table'; refusal: string}

/** Whether the permissions, taken together, hold what is required. */
export function isGranted({actions, on}: Requirement, permissions: Permission[]): boolean {
  return permissions.some((rule) => covers(rule, on) && actions.some((action) => rule.actions.includes(action)))
}

function covers({tables}: Permission, on: Requirement['on']): boolean {
  if (tables === null) return true
  if (typeof on === 'string') return on === 'any table' && tables.length > 0
  return tables.some((name) => name === on.table || foldCase(name) === on.table)
}

/** A right on one table; the refusal is SQLite's words for everything but a column, and what is missing. */
export function onTable(action: PermissionAction, table: string, refusal = `not authorized: ${action} on ${table}`): Requirement {
  return {actions: [action], on: {table: foldCase(table)}, refusal}
}

/** A right that only a rule for all tables gives. */
export function onAllTables(action: PermissionAction, why: string): Requirement {
  return {actions: [action], on: 'all tables', refusal: `not authorized: ${action} on all tables, as ${why}`}
}

/** One of these rights, wherever. */
export function onAnyTable(actions: PermissionAction[], what: string): Requirement {
  return {actions, on: 'any table', refusal: `not authorized: ${what} takes a token with ${actions.join(' or ')}`}
}

/** The first of each kind: a statement asks for many columns of one table. */
export function withoutRepetition(requirements: Requirement[]): Requirement[] {
  const first = new Map<string, Requirement>()
  for (const each of requirements) {
    const key = JSON.stringify([each.actions, each.on])
    if (!first.has(key)) first.set(key, each)
  }
  return [...first.values()]
}
