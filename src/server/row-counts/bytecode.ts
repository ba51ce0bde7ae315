/** One instruction of SQLite's virtual machine, as `EXPLAIN` lists it. */
export type Op = {address: number; opcode: string; p1: number; p2: number; p3: number; p4: string; p5: number}

/** What `EXPLAIN` of a statement lists: the statement's own program first, then one for each trigger and foreign key action it can fire. */
export type Bytecode = Op[][]

/** The rows of `EXPLAIN <sql>`, in raw mode, as programs. */
export function readBytecode(rows: unknown[][]): Bytecode {
  const programs: Bytecode = []
  for (const [address, opcode, p1, p2, p3, p4, p5] of rows) {
    if (Number(address) === 0) programs.push([])
    programs.at(-1)?.push({
      address: Number(address),
      opcode: String(opcode),
      p1: Number(p1),
      p2: Number(p2),
      p3: Number(p3),
      p4: String(p4),
      p5: Number(p5),
    })
  }
  return programs
}

/** Opcodes that go to P2 or to the next instruction, by what they find (SQLite's opcodes.h marks them "jump"); others are in flow.ts. */
export const conditional: ReadonlySet<string> = new Set(
  (
    'VFilter MustBeInt If IfNot IsType IfNullRow SeekLT SeekLE SeekGE SeekGT IfNotOpen IfNoHope NoConflict NotFound Found SeekRowid NotExists ' +
    'Last IfSmaller SorterSort Sort Rewind SorterNext Prev Next IdxLE IdxGT IdxLT IdxGE RowSetRead RowSetTest FkIfZero IfPos IfNotZero ' +
    'DecrJumpZero IncrVacuum IsNull NotNull Ne Eq Gt Le Lt Ge ElseEq VNext Filter Once'
  ).split(' '),
)

/** Opcodes that put a cursor on the first row of a loop, or jump past the loop. */
export const entering: ReadonlySet<string> = new Set('VFilter SeekLT SeekLE SeekGE SeekGT Last SorterSort Sort Rewind'.split(' '))

/** Opcodes that put a cursor on the next row and jump back, or fall through after the last one. */
export const advancing: ReadonlySet<string> = new Set(['SorterNext', 'Prev', 'Next', 'VNext'])

/** SQLITE_STMTSTATUS_FULLSCAN_STEP and SQLITE_STMTSTATUS_AUTOINDEX: in P5 of Next and Prev, the counter they increase with each jump. */
export const scanStep = 1
export const automaticIndexStep = 3

/** Whether the cursor is opened to find one key only (OPFLAG_SEEKEQ): then a seek that finds it skips the next instruction, one that does not reads nothing. */
export function seeksKey(program: Op[], cursor: number): boolean {
  return program.some(({opcode, p1, p5}) => (opcode === 'OpenRead' || opcode === 'OpenWrite' || opcode === 'ReopenIdx') && p1 === cursor && (p5 & 2) !== 0)
}

/** The cursors of a program on tables that live as long as the statement: what is written there is not counted. */
export function ephemeralCursors(program: Op[]): ReadonlySet<number> {
  const opening = ['OpenEphemeral', 'OpenAutoindex', 'OpenDup', 'SorterOpen', 'OpenPseudo']
  return new Set(program.filter(({opcode}) => opening.includes(opcode)).map(({p1}) => p1))
}
