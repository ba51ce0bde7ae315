import {automaticIndexStep, ephemeralCursors, type Op, scanStep} from './bytecode.ts'
import {isKeySeek} from './edges.ts'
import type {Flow} from './flow.ts'
import type {Form} from './linear-form.ts'
import type {Executed} from './walk-program.ts'

const changes = (p: number) => (p & 1) !== 0

/** Adds where libSQL's virtual machine counts (libsql_inc_row_read, libsql_inc_row_written in its vdbe.c) and what shows from outside. */
export function addCounts(flow: Flow, program: Op[], executed: Executed[], inTrigger: boolean): void {
  const ephemeral = ephemeralCursors(program)
  let same: Form | undefined
  let steps = 0
  for (const step of executed) {
    if (step.ran !== same) {
      if (same) flow.observe('nstep', same, steps)
      same = step.ran
      steps = 0
    }
    steps += 1
    addRead(flow, program, step)
    addWritten(flow, step, ephemeral.has(step.op.p1), inTrigger)
    if (step.op.opcode === 'ResultRow' && !inTrigger) flow.observe('rows', step.ran)
  }
  if (same) flow.observe('nstep', same, steps)
}

function addRead(flow: Flow, program: Op[], {op, ran, jumped, fell}: Executed): void {
  switch (op.opcode) {
    case 'SeekGE':
    case 'SeekGT':
    case 'SeekLE':
    case 'SeekLT':
      flow.reads(isKeySeek(program, op) ? fell : ran)
      break
    case 'Sort':
    case 'SorterSort':
      flow.observe('nsort', ran)
      flow.reads(ran)
      break
    case 'NotExists':
    case 'SeekRowid':
    case 'Last':
    case 'Rewind':
    case 'VNext':
      flow.reads(ran)
      break
    case 'Next':
    case 'Prev':
    case 'SorterNext':
      if (op.p5 === scanStep) flow.observe('nscan', jumped)
      if (op.p5 === automaticIndexStep) flow.observe('naidx', jumped)
      flow.reads(jumped)
      break
    case 'Count':
      if (op.p3 === 0) countPages(flow)
  }
}

function countPages(flow: Flow): void {
  const pages = flow.newUnknown('rare')
  flow.observe('pages', pages)
  flow.reads(pages)
}

function addWritten(flow: Flow, {op, ran}: Executed, ephemeral: boolean, inTrigger: boolean): void {
  const change = (form: Form) => {
    flow.observe('totalChanges', form)
    if (!inTrigger) flow.observe('changes', form)
  }
  switch (op.opcode) {
    case 'Insert':
    case 'IdxInsert':
      if (changes(op.p5)) change(ran)
      if (!ephemeral) flow.writes(ran)
      break
    case 'Delete':
      // Its flags are in P2.
      if (!changes(op.p2)) return
      change(ran)
      if (!ephemeral) flow.writes(ran)
      break
    case 'VUpdate':
      change(ran)
      flow.writes(ran)
      break
    case 'Clear': {
      if (op.p3 === 0) break
      const cleared = flow.newUnknown('loop')
      change(cleared)
      flow.writes(cleared)
      break
    }
  }
}
