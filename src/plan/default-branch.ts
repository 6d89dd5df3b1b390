import { type Advertisement, hasBranches, namesOf } from '../refs/advertisement.ts'
import { isBranch, type Oid, type RefName } from '../refs/ref.ts'

/** The default branches of both sides after a run. */
export interface DefaultBranches {
  /** That of the source; null if it reports none. */
  readonly source: RefName | null
  /** The branch that HEAD of the destination names, whether it exists or not; null if it is not reported. */
  readonly destination: RefName | null
  /** The destination has the source's default branch. */
  readonly isMirrored: boolean
  /** HEAD of the destination leads to no commit although there are branches, so a clone would be empty. */
  readonly isDangling: boolean
  /** A branch of the destination, preferably the source's default branch; null if it has none. */
  readonly best: RefName | null
}

/** @param tipAfter the tip that a ref of the destination has after the run */
export function defaultBranchesAfter(
  source: Advertisement,
  destination: Advertisement,
  changed: Iterable<RefName>,
  tipAfter: (ref: RefName) => Oid | null,
): DefaultBranches {
  const { head } = destination
  const isThere = (ref: RefName | null): ref is RefName => ref !== null && tipAfter(ref) !== null
  const isMirrored = isThere(source.head)
  const best = isMirrored ? source.head : (firstBranch(namesOf(destination), isThere) ?? firstBranch(changed, isThere))
  // Before protocol v2, and through git, a HEAD that leads nowhere is not reported. If there was no branch, it may have led to one that is new.
  const isLost = head === null ? destination.hasHead === false && hasBranches(destination) : !isThere(head)
  return { source: source.head, destination: head, isMirrored, isDangling: best !== null && isLost, best }
}

function firstBranch(refs: Iterable<RefName>, isThere: (ref: RefName) => boolean): RefName | null {
  for (const ref of refs) if (isBranch(ref) && isThere(ref)) return ref
  return null
}
