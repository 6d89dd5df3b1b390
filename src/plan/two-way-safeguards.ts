import { Failure, otherSide, type Side } from '../failure.ts'
import { type Advertisement, hasNoBranches } from '../refs/advertisement.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import { checkSides } from './safeguards.ts'
import type { TwoWayComparison, TwoWayPlannedRef } from './two-way-plan.ts'

/**
 * What can be refused before anything is compared. A side that has lost all of its branches since both sides last agreed is not believed: a broken proxy's
 * empty answer looks the same, and all would be deleted. Where nothing was agreed on, the empty side is filled.
 * @param base what both sides last agreed on
 * @throws Failure `source-empty`, `object-format-mismatch`
 */
export function checkBoth(here: Advertisement, there: Advertisement, base: ReadonlyMap<RefName, Oid>): void {
  const sides = { here, there }
  for (const side of ['here', 'there'] as const) {
    if (hasNoBranches(sides[side]) && base.size > 0 && !hasNoBranches(sides[otherSide(side)])) refuseEmpty(side, base.size)
  }
  if (here.refs.size > 0 && there.refs.size > 0) checkSides(here, there, 'here')
}

function refuseEmpty(side: Side, agreed: number): never {
  throw new Failure('source-empty', `${side} has no branches any more, but both sides agreed on ${agreed} refs: they are not deleted`, {
    side,
    hint: 'restore the repository; if it is meant to be empty, remove the refs below `refs/mirroring/base/` here: the next run then fills it again',
  })
}

/**
 * Whether two repositories that may have nothing to do with one another would be poured into each other: they have never agreed on a ref, and have no tip in
 * common. If so, somebody must look for a common commit.
 */
export function needsKinshipOfBoth({ here, there, base }: TwoWayComparison, plan: readonly TwoWayPlannedRef[]): boolean {
  if (base.size > 0 || here.refs.size === 0 || there.refs.size === 0) return false
  if (plan.every(({ side }) => side === null) || plan.some(({ action }) => action === 'fast-forward')) return false
  const known = new Set(here.refs.values())
  return ![...there.refs.values()].some(tip => known.has(tip))
}
