import {advancing, conditional, entering, type Op, seeksKey} from './bytecode.ts'

/** How likely it is that a jump is never taken, the least likely first. */
export const ranks = ['loop', 'branch', 'once', 'entry', 'rare'] as const
export type Rank = (typeof ranks)[number]

/** A way on from an instruction: a jump that may be taken, a call that comes back, or where it goes whenever it does not jump. */
export type Edge = {to: number; kind: 'jump' | 'call' | 'rest'}

/** The ways on from an instruction of a program. */
export function edgesOf(program: Op[], op: Op, inTrigger: boolean): Edge[] {
  const {opcode, address, p2, p3} = op
  const next: Edge = {to: address + 1, kind: 'rest'}
  const far: Edge = p2 === 0 ? next : {to: p2, kind: 'rest'}
  switch (opcode) {
    case 'Halt':
    case 'EndCoroutine':
      return []
    case 'Return':
      return p3 === 0 ? [] : [next]
    case 'Goto':
    case 'Init':
      return [far]
    case 'InitCoroutine':
      // Without P2 it starts over a coroutine that has not run yet.
      return p2 === 0 ? [next] : [{to: p3, kind: 'call'}, far]
    case 'Gosub':
      return [{to: p2, kind: 'call'}, next]
    case 'Jump':
      // Less, equal, greater: mostly less and greater go the same way.
      return [...(op.p1 === p3 ? [] : [{to: op.p1, kind: 'jump'} as const]), {to: p2, kind: 'jump'}, {to: p3, kind: 'rest'}]
    default:
      return branchesOf(program, op, inTrigger)
  }
}

function branchesOf(program: Op[], op: Op, inTrigger: boolean): Edge[] {
  // A trigger's program runs in a frame of its own, where each Once is new.
  const jumps = op.p2 > 0 && (op.opcode === 'Yield' || (conditional.has(op.opcode) && !(op.opcode === 'Once' && inTrigger)))
  if (!jumps) return [{to: op.address + 1, kind: 'rest'}]
  const skipped = isKeySeek(program, op) ? 1 : 0
  return [
    {to: op.p2, kind: 'jump'},
    {to: op.address + 1 + skipped, kind: 'rest'},
  ]
}

/** Whether an instruction seeks one key only: if it finds it, it skips the next instruction; if not, it counts as no read. */
export const isKeySeek = (program: Op[], op: Op) => op.opcode.startsWith('Seek') && entering.has(op.opcode) && seeksKey(program, op.p1)

/** The loops of a program, each from its first to its last address; a subroutine, which may be called from many places, counts as one. */
export function loopsOf(program: Op[], inTrigger: boolean): [first: number, last: number][] {
  const prologue = program[0]?.p2 || program.length
  return program.flatMap((op): [number, number][] => {
    if (op.opcode === 'Gosub') {
      const end = program.findLast(({opcode, p1}) => opcode === 'Return' && p1 === op.p1)
      return end ? [[op.p2, end.address]] : []
    }
    // The prologue stands at the end, and goes back to the beginning once.
    if (prologue > 1 && op.address >= prologue) return []
    const back = edgesOf(program, op, inTrigger).filter(({to, kind}) => kind !== 'call' && to <= op.address)
    return back.map(({to}): [number, number] => [to, op.address])
  })
}

/** How likely it is that a way on from an instruction is never taken. */
export function rankOf(program: Op[], {opcode, address}: Op, kind: Edge['kind'], once: boolean): Rank {
  if (kind !== 'jump' || advancing.has(opcode)) return 'loop'
  // A key that is NULL, and so not worth a seek: as many steps as many a key that is not there.
  if (opcode === 'IsNull' && /^(Seek|Affinity)/.test(program[address + 1]?.opcode ?? '')) return 'rare'
  // A row that was found, and is gone when it is to be changed.
  if (/^(NotExists RowSetRead|NotFound RowData)$/.test(`${opcode} ${program[address - 1]?.opcode}`)) return 'rare'
  if (!once) return 'branch'
  return entering.has(opcode) ? 'entry' : 'once'
}

/** Whether an instruction hardly ever goes on without a jump: a deferred violation from before, a rowid that is given and NULL. */
export const mostlyJumps = (program: Op[], {opcode, address}: Op) =>
  opcode === 'FkIfZero' || (opcode === 'NotNull' && program[address + 1]?.opcode === 'NewRowid' && program[address + 2]?.opcode === 'MustBeInt')
