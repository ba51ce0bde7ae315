/**
 * What can be wrong with an archive.
 *
 * Of rows: `row-altered` is not what its hash says; `row-unbatched` is of no batch; `row-misplaced` is of another database's batch;
 * of a sealed batch, `rows-missing`, `rows-added`, or as many but others: `rows-exchanged`.
 * Of batches: `manifest-altered` is not what its hash says; `chain-broken` follows another batch than the one before; `chain-forked` has the place
 * of another; `chain-gap` comes after places that are empty; `head-missing`: the head that is known from elsewhere is nowhere in the chain.
 */
export type ProblemKind =
  | 'row-altered'
  | 'row-unbatched'
  | 'row-misplaced'
  | 'rows-missing'
  | 'rows-added'
  | 'rows-exchanged'
  | 'manifest-altered'
  | 'chain-broken'
  | 'chain-forked'
  | 'chain-gap'
  | 'head-missing'

/** One thing that is wrong, and where: the batch, the source's database id, the row's id. */
export type Problem = {kind: ProblemKind; batch?: string; source?: string; id?: string; detail: string}

/** Where a problem is, in words, as far as it is one row's or one batch's. */
export const placeOf = ({batch, id}: Problem): string =>
  [...(batch === undefined ? [] : [`batch ${batch}`]), ...(id === undefined ? [] : [`trade ${id}`])].join(', ')

/** How many are listed. */
const listed = 300

/** The first of the problems, and how many there are of each kind. */
export type Problems = {list: Problem[]; counts: Partial<Record<ProblemKind, number>>}

/** Adds a problem: lists it while there is room, and counts it. */
export function addProblem({list, counts}: Problems, problem: Problem): void {
  counts[problem.kind] = (counts[problem.kind] ?? 0) + 1
  if (list.length < listed) list.push(problem)
}
