import { Failure } from '../errors/failure.ts'
import { type Advertisement, hasNoBranches } from '../refs/advertisement.ts'
import { isBranch, type Oid, type RefName } from '../refs/ref.ts'
import { otherSide, type Side } from '../remote/side.ts'
import { checkFormats } from './safeguards.ts'
import type { TwoWayComparison, TwoWayPlannedRef } from './two-way-plan.ts'

/**
 * What can be refused before anything is compared. A side that has lost all of its refs, or all of its branches, since both sides last agreed is not
 * believed: a broken proxy's empty answer looks the same, and all would be deleted. Where nothing was agreed on, the empty side is filled.
 * @param base what both sides last agreed on
 * @throws Failure `source-empty`, `object-format-mismatch`
 */
export function checkBoth(here: Advertisement, there: Advertisement, base: ReadonlyMap<RefName, Oid>): void {
  const sides = { here, there }
  const branches = [...base.keys()].filter(isBranch)
  for (const side of ['here', 'there'] as const) {
    const [ours, theirs] = [sides[side], sides[otherSide(side)]]
    if (ours.refs.size === 0 && theirs.refs.size > 0 && base.size > 0) refuseEmpty(side, 'refs', base.size)
    if (hasNoBranches(ours) && !hasNoBranches(theirs) && branches.length > 0) refuseEmpty(side, 'branches', branches.length)
  }
  checkFormats(here, there)
}

function refuseEmpty(side: Side, what: string, agreed: number): never {
  throw new Failure('source-empty', `${side} has no ${what} any more, but both sides agreed on ${agreed}: they are not deleted`, {
    side,
    hint: 'restore the repository; if it is meant to be empty, remove the refs below `refs/mirroring/base/` here: the next run then fills it again',
  })
}

/**
 * Whether one of two repositories that may have nothing to do with one another would lose refs to the other, or, as they have never agreed on a ref, both
 * would be poured into each other: no tip in common, and no fast-forward. If so, somebody must look for a common commit. A forge's repository that was
 * deleted and made anew is such a one.
 */
export function needsKinshipOfBoth({ here, there, base }: TwoWayComparison, plan: readonly TwoWayPlannedRef[]): boolean {
  if (here.refs.size === 0 || there.refs.size === 0 || plan.some(({ action }) => action === 'fast-forward')) return false
  const isSerious = ({ side, action }: TwoWayPlannedRef) => side !== null && (base.size === 0 || action === 'delete' || action === 'force')
  if (!plan.some(isSerious)) return false
  const known = new Set(here.refs.values())
  return ![...there.refs.values()].some(tip => known.has(tip))
}
