import type {Bytecode} from './bytecode.ts'
import {ephemeralCursors} from './bytecode.ts'
import {addCounts} from './counting.ts'
import {Flow} from './flow.ts'
import {type Form, one} from './linear-form.ts'
import {relate} from './relations.ts'
import type {Trees} from './schema-copy.ts'
import {walkProgram} from './walk-program.ts'

/** The equations of a statement: of its program and of the triggers it calls. */
export function flowOf(bytecode: Bytecode, trees: Trees): Flow {
  const flow = new Flow()
  const entries = bytecode.map((_, index): Form => (index === 0 ? one : flow.newUnknown('rare')))
  const calls = bytecode.flatMap((program, index) => {
    const executed = walkProgram(flow, program, entries[index] ?? one, index > 0)
    addCounts(flow, program, executed, index > 0)
    relate(flow, program, executed, ephemeralCursors(program), trees)
    return executed.filter(({op}) => op.opcode === 'Program').map(({ran}) => ran)
  })
  const triggers = entries.slice(1)
  // A trigger that is called at several places is listed once, and EXPLAIN does not say where: then only their sum is known.
  if (calls.length === triggers.length) for (const [index, entry] of triggers.entries()) flow.isZero([entry, 1], [calls[index] ?? one, -1])
  else flow.isZero(...triggers.map((entry): [Form, number] => [entry, 1]), ...calls.map((call): [Form, number] => [call, -1]))
  return flow
}
