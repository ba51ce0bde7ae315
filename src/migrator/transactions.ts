import type {Statement} from '../database/database.ts'
import {type DatabaseState, hasTable} from '../database/inspect.ts'
import {isAsRead, noOpenPositions, oneRowIsDeleted} from './checks.ts'
import {foreignKeyCheck} from './foreign-keys.ts'
import {bookkeeping, claim, forgetApplied, ledgerClaim, nextTimestamps, type Run, recordApplied, unclaim} from './ledger.ts'
import type {Migration, Recording} from './migration.ts'

export type Application = {
  state: DatabaseState
  /** What is executed, in this order. */
  recordings: Recording[]
  /** Whether they are recordings of `down`, whose migrations leave the ledger. Default: of `up`. */
  isUndo?: boolean
  /** Whether nothing happens while there are open legs. */
  refusesOpenPositions?: boolean
  /** What else becomes true in the transaction that applies the last of them; where its first statement conflicts, somebody else was faster. */
  completion?: Statement[]
  run: Run
}

/** A part of a transaction: a statement, or an interactive migration's `up` or `down`. */
export type Step = StatementStep | {migration: string; up: Migration['up']}
export type StatementStep = {migration: string; statement: Statement; isClaim: boolean}

/** One transaction, and the migrations that are in it. */
export type TransactionSteps = {names: string[]; steps: Step[]}

/** The transactions that apply migrations: one for consecutive atomic ones, one for each interactive one. */
export function transactionsOf(application: Application): TransactionSteps[] {
  const groups = groupsOf(application.recordings)
  let ledger = application.state.ledger
  return groups.map((group, index) => {
    ledger = ledgerAfter(ledger, application, group)
    const place = {ledger, isFirst: index === 0, isLast: index === groups.length - 1}
    return {names: group.map(({name}) => name), steps: stepsOf(application, group, place)}
  })
}

/** Where a transaction stands among those of a database, and the ledger that it leaves. */
type Place = {ledger: string[]; isFirst: boolean; isLast: boolean}

function stepsOf(application: Application, group: Recording[], {ledger, isFirst, isLast}: Place): Step[] {
  const {state, completion = [], refusesOpenPositions = false} = application
  const migration = group.map(({name}) => name).join(', ') || 'the bookkeeping'
  const claiming = (statements: Statement[]) => statements.map((statement): Step => ({migration, statement, isClaim: true}))
  const keeping = (statements: Statement[]) => statements.map((statement): Step => ({migration, statement, isClaim: false}))
  const claims = [...(isFirst ? ledgerClaim(state) : []), ...claimsOf(application, group)]
  const [completed = [], rest = []] = isLast ? [completion.slice(0, 1), completion.slice(1)] : []
  return [
    // A transaction must begin with a write, and of several runners all but one end here.
    ...claiming(claims),
    ...keeping(isFirst ? bookkeeping(state) : []),
    ...claiming(claims.length > 0 ? [] : completed),
    // Where nothing is claimed, what is completed is the marker: that of a copy has just made room for another.
    ...claiming([isAsRead({ledger, schema: isFirst ? state : undefined, marker: claims.length > 0 ? state.marker : undefined})]),
    ...keeping(isFirst && refusesOpenPositions && hasTable(state, 'active_positions') ? [noOpenPositions] : []),
    ...group.flatMap(bodyOf),
    ...keeping(recordsOf(application, group)),
    ...claiming(claims.length > 0 ? completed : []),
    ...keeping([...rest, ...foreignKeyCheck(state, group)]),
  ]
}

/** Atomic migrations that follow each other share a transaction; where there is nothing to migrate, there is still one to complete. */
function groupsOf(recordings: Recording[]): Recording[][] {
  const groups: Recording[][] = []
  for (const recording of recordings) {
    const last = groups.at(-1)
    if (recording.mode === 'atomic' && last?.every(({mode}) => mode === 'atomic')) last.push(recording)
    else groups.push([recording])
  }
  return groups.length > 0 ? groups : [[]]
}

function claimsOf({state, recordings, isUndo = false}: Application, group: Recording[]): Statement[] {
  if (isUndo) return group.flatMap(({name}) => [forgetApplied(name, runOf(state, name)), oneRowIsDeleted, unclaim(name)])
  const timestamps = nextTimestamps(state, recordings.length)
  return group.length > 0 ? [claim(group.map((recording) => [recording.name, timestamps[recordings.indexOf(recording)] ?? '']))] : []
}

function ledgerAfter(ledger: string[], {isUndo = false}: Application, group: Recording[]): string[] {
  const names = group.map(({name}) => name)
  return isUndo ? ledger.filter((name) => !names.includes(name)) : [...ledger, ...names]
}

const runOf = ({applied}: DatabaseState, name: string) => applied.find((record) => record.name === name)?.runId ?? ''

/** What a database keeps of the migrations that it has. */
const recordsOf = ({isUndo = false, run}: Application, group: Recording[]) => (isUndo || group.length === 0 ? [] : [recordApplied(group, run)])

function bodyOf(recording: Recording): Step[] {
  const migration = recording.name
  if (recording.mode === 'interactive') return [{migration, up: recording.up}]
  return recording.statements.map((statement) => ({migration, statement, isClaim: false}))
}
