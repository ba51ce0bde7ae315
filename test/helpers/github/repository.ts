import type {Run, Workflow} from './runs.ts'
import {newScope, type Scope} from './scope.ts'

export type Repository = Scope & {
  id: number
  owner: string
  name: string
  isPrivate: boolean
  /** By their names in lower case: GitHub takes no notice of case. */
  environments: Map<string, Environment>
  workflows: Map<string, Workflow>
  runs: Run[]
}
export type Environment = Scope & {id: number; name: string; createdAt: number}
export type Organization = Scope & {id: number; login: string}

export function newRepository(id: number, fullName: string, isPrivate: boolean): Repository {
  const [owner = '', name = ''] = fullName.split('/')
  return {...newScope(), id, owner, name, isPrivate, environments: new Map(), workflows: new Map(), runs: []}
}
