import {advancing, type Op} from './bytecode.ts'
import {type Edge, edgesOf, loopsOf, mostlyJumps, rankOf} from './edges.ts'
import type {Flow} from './flow.ts'
import {type Form, nothing, one, sum} from './linear-form.ts'

/** An instruction, how often it ran, jumped, and did not; `looped` if it may run more than once. */
export type Executed = {op: Op; ran: Form; jumped: Form; fell: Form; looped: boolean}

/** How often each instruction of a program ran which is entered that often: what flows into an instruction flows out of it. */
export function walkProgram(flow: Flow, program: Op[], entry: Form, inTrigger: boolean): Executed[] {
  const loops = loopsOf(program, inTrigger)
  const looped = (from: number, to: number) => inTrigger || loops.some(([first, last]) => first <= from && from <= last && first <= to && to <= last)
  const inflow: Form[] = [entry]
  const flowInto = (to: number, form: Form) => {
    const before = inflow[to]
    inflow[to] = before ? sum([before, 1], [form, 1]) : form
  }
  const ways = program.map((op) =>
    edgesOf(program, op, inTrigger).map((edge): Way => {
      // What flows back is needed before it is known how much that is.
      const back = edge.to <= op.address
      const once = !looped(op.address, edge.to)
      if (!back && edge.kind !== 'jump') return {...edge, back}
      const form = flow.newUnknown(rankOf(program, op, edge.kind, once), once)
      if (back) flowInto(edge.to, form)
      return {...edge, back, form}
    }),
  )
  const executed: Executed[] = []
  for (const [address, op] of program.entries()) {
    const step = leave(flow, program, executed, op, inflow[address] ?? nothing, ways[address] ?? [], looped)
    executed.push(step)
    for (const {to, kind, back, form} of ways[address] ?? []) {
      const flows = kind === 'rest' ? step.fell : kind === 'call' ? step.ran : (form ?? nothing)
      if (!back) flowInto(to, flows)
      else if (form && kind !== 'jump') flow.isZero([form, 1], [flows, -1])
    }
  }
  return executed
}

type Way = Edge & {back: boolean; form?: Form}

function leave(flow: Flow, program: Op[], before: Executed[], op: Op, ran: Form, ways: Way[], looped: (from: number, to: number) => boolean): Executed {
  const {address} = op
  const jumps = ways.flatMap(({kind, form}): [Form, number][] => (kind === 'jump' && form ? [[form, 1]] : []))
  const jumped = jumps.length === 1 ? (jumps[0]?.[0] ?? nothing) : sum(...jumps)
  const fell = jumps.length > 0 ? sum([ran, 1], [jumped, -1]) : staying(flow, before, op, ran, looped(address, address))
  if (jumps.length > 0) flow.natural.push(fell)
  if (ran === nothing) for (const jump of jumps) flow.isZero(jump)
  if (op.opcode === 'Halt' && op.p1 !== 0) flow.isZero([ran, 1])
  if (mostlyJumps(program, op)) flow.isZero([fell, 1], [flow.newUnknown('rare'), -1])
  // It fell through once, when first reached.
  if (op.opcode === 'Once' && jumps.length > 0) flow.isZero([fell, 1], [one, -1], [flow.newUnknown('rare', true), 1])
  // A loop that ends by another way than after its last row.
  if (advancing.has(op.opcode)) {
    const once = !looped(address, address + 1)
    flow.isZero([fell, 1], [flow.newUnknown(once ? 'once' : 'entry', once), -1])
  }
  return {op, ran, jumped, fell, looped: looped(address, address)}
}

/** How often an instruction without a jump goes on: always, but where a LIMIT ends a subroutine or a coroutine early. */
function staying(flow: Flow, before: Executed[], op: Op, ran: Form, looped: boolean): Form {
  if (op.opcode === 'Return') return before.find(({op: {opcode, p2}}) => opcode === 'BeginSubrtn' && p2 === op.p1)?.ran ?? nothing
  if (op.opcode === 'Gosub' || (op.opcode === 'Yield' && looped)) return sum([ran, 1], [flow.newUnknown('rare'), -1])
  return ran
}
