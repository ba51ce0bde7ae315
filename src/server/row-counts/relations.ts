import {advancing, entering, type Op} from './bytecode.ts'
import {isKeySeek} from './edges.ts'
import type {Flow} from './flow.ts'
import {type Form, one, sum} from './linear-form.ts'
import type {Trees} from './schema-copy.ts'
import type {Executed} from './walk-program.ts'

/** OPFLAG_LASTROWID, in P5 of an Insert of a new row. */
const lastRowid = 0x20

type Term = [form: Form, factor: number]

/** Adds what the flow from one instruction to the next does not show: subroutines and coroutines come back, what is put aside is taken up again. */
export function relate(flow: Flow, program: Op[], executed: Executed[], ephemeral: ReadonlySet<number>, trees: Trees): void {
  const is = (...opcodes: string[]) => executed.filter(({op}) => opcodes.includes(op.opcode))
  for (const register of new Set(is('Gosub').map(({op}) => op.p1))) {
    const returns = is('Return').filter(({op}) => op.p1 === register)
    const calls = is('Gosub').filter(({op}) => op.p1 === register)
    const inline = is('BeginSubrtn').filter(({op}) => op.p2 === register)
    flow.isZero(...returns.map(({ran}): Term => [ran, 1]), ...calls.map(({fell}): Term => [fell, -1]), ...inline.map(({ran}): Term => [ran, -1]))
  }
  for (const register of new Set(is('InitCoroutine').map(({op}) => op.p1))) {
    const yields = is('Yield').filter(({op}) => op.p1 === register)
    const callers = yields.filter(({op}) => op.p2 > 0)
    const ends = is('EndCoroutine').filter(({op}) => op.p1 === register)
    flow.isZero(...callers.map(({fell}): Term => [fell, 1]), ...yields.filter(({op}) => op.p2 === 0).map(({ran}): Term => [ran, -1]))
    flow.isZero(...callers.map(({jumped}): Term => [jumped, 1]), ...ends.map(({ran}): Term => [ran, -1]))
  }
  for (const cursor of new Set(executed.filter(({op}) => advancing.has(op.opcode)).map(({op}) => op.p1))) {
    const uses = executed.filter(({op}) => op.p1 === cursor)
    const entered = uses.filter(({op}) => entering.has(op.opcode)).map(({fell}): Term => [fell, 1])
    const went = uses.filter(({op}) => advancing.has(op.opcode)).map(({jumped}): Term => [jumped, 1])
    if (entered.length > 0) flow.implied.push({effect: sum(...went), cause: sum(...entered)})
  }
  for (const [index, {op}] of executed.entries()) {
    if (!isKeySeek(program, op)) continue
    const open = program.find(({opcode, p1}) => opcode.startsWith('Open') && p1 === op.p1)
    const end = executed[index + 1]
    // One entry at most has the key: the one after it ends the loop.
    if (end && trees.uniqueKeys.get(open?.p2 ?? 0) === Number(op.p4)) flow.isZero([end.fell, 1])
  }
  keepSequence(flow, executed, trees)
  for (const cursor of ephemeral) takeUp(flow, executed, cursor)
  for (const register of new Set(is('RowSetAdd').map(({op}) => op.p1))) {
    const added = is('RowSetAdd').filter(({op}) => op.p1 === register)
    const taken = is('RowSetRead').filter(({op}) => op.p1 === register)
    flow.isZero(...added.map(({ran}): Term => [ran, 1]), ...taken.map(({fell}): Term => [fell, -1]), [flow.newUnknown('rare'), -1])
  }
}

/** What is put into an ephemeral table that is read through once is read through, all but an index's duplicates and what is past a LIMIT. */
function takeUp(flow: Flow, executed: Executed[], cursor: number): void {
  const uses = executed.filter(({op}) => op.p1 === cursor)
  const is = (...opcodes: string[]) => uses.filter(({op}) => opcodes.includes(op.opcode))
  const starts = is('Rewind', 'Sort', 'SorterSort', 'Last')
  const read = is('Next', 'Prev', 'SorterNext')
  const filled = is('Insert', 'IdxInsert', 'SorterInsert')
  if (starts.length !== 1 || starts[0]?.looped || filled.length === 0 || read.length === 0 || is('Delete', 'ResetSorter').length > 0) return
  flow.isZero(
    ...filled.map(({ran}): Term => [ran, 1]),
    ...starts.map(({fell}): Term => [fell, -1]),
    ...read.map(({jumped}): Term => [jumped, -1]),
    ...(is('IdxInsert').length > 0 || executed.some(({op}) => op.opcode === 'DecrJumpZero') ? [[flow.newUnknown('rare'), -1] satisfies Term] : []),
  )
}

/** AUTOINCREMENT leaves the last rowid as it stands only if no row was inserted: a rowid that is given and smaller is not thought of. */
function keepSequence(flow: Flow, executed: Executed[], {names}: Trees): void {
  const open = executed.findIndex(({op}) => op.opcode === 'OpenWrite' && names.get(op.p2) === 'sqlite_sequence')
  const keep = executed[open - 1]
  if (keep?.op.opcode !== 'Le') return
  const inserted = executed.filter(({op}) => op.opcode === 'Insert' && (op.p5 & lastRowid) !== 0)
  flow.implied.push({effect: keep.jumped, cause: sum([one, 1], ...inserted.map(({ran}): Term => [ran, -1]))})
}
