import { Failure } from '../errors/failure.ts'
import { type Advertisement, namesOf } from '../refs/advertisement.ts'
import { type Oid, type RefName, shortName } from '../refs/ref.ts'
import { otherSide, SIDES, type Side } from '../remote/side.ts'
import type { Comparison, PlannedRef } from './plan.ts'

/** Limit on deletions in one run. `default`: 10 or 25 % of the destination's selected refs, whichever is more. */
export type MaxDeletions = { readonly count: number } | { readonly percent: number } | 'default'

/**
 * Refuses an empty source next to a destination with refs, because the empty answer of a broken proxy looks the same, and different object formats.
 * @param side of the source
 * @throws Failure `source-empty`, `object-format-mismatch`
 */
export function checkSides(source: Advertisement, destination: Advertisement, side: Side): void {
  if (namesOf(source).length + source.damaged.size === 0 && destination.refs.size > 0)
    throw new Failure('source-empty', `the source has no refs, but the destination has ${destination.refs.size}`, { side })
  checkFormats(source, destination)
}

/**
 * The same for both directions. Refuses a side that has lost all of its refs since both sides last agreed: otherwise all would be deleted. If both sides never agreed, the empty side is filled.
 * @throws Failure `source-empty`, `object-format-mismatch`
 */
export function checkBoth(here: Advertisement, there: Advertisement, base: ReadonlyMap<RefName, Oid>): void {
  const sides = { here, there }
  for (const side of SIDES) {
    const [ours, theirs] = [sides[side], sides[otherSide(side)]]
    if (ours.refs.size + ours.damaged.size === 0 && theirs.refs.size > 0 && base.size > 0) refuseEmpty(side, base.size)
  }
  checkFormats(here, there)
}

function refuseEmpty(side: Side, agreed: number): never {
  throw new Failure('source-empty', `${side} has no refs any more, although both sides last agreed on ${agreed}: nothing was deleted`, {
    side,
    hint: 'restore the repository; if it is meant to be empty, remove the refs below `refs/mirroring/base/` here: the next run then fills it again',
  })
}

/** @throws Failure `object-format-mismatch` */
function checkFormats(source: Advertisement, destination: Advertisement): void {
  if (source.objectFormat && destination.objectFormat && source.objectFormat !== destination.objectFormat)
    throw new Failure('object-format-mismatch', `the source uses ${source.objectFormat}, the destination ${destination.objectFormat}`)
}

/**
 * Whether both sides may have unrelated histories: no tip in common, and no fast-forward. It matters if the plan overwrites or deletes refs, or
 * merges two sides that have never agreed on a ref. Example: a repository that was deleted and created again. Then a common commit has to be searched.
 */
export function mayBeUnrelated({ here, there, base }: Pick<Comparison, 'here' | 'there' | 'base'>, plan: readonly PlannedRef[]): boolean {
  if (here.refs.size === 0 || there.refs.size === 0 || plan.some(({ action }) => action === 'fast-forward')) return false
  const haveNeverAgreed = base?.size === 0
  if (!plan.some(({ side, action }) => side !== null && (haveNeverAgreed || action === 'delete' || action === 'force'))) return false
  const known = new Set(here.refs.values())
  return ![...there.refs.values()].some(tip => known.has(tip))
}

/** Ends the run. @param side of the destination @throws Failure `unrelated` */
export function refuseUnrelated(destination: Advertisement, side: Side): never {
  const message = `the destination has ${destination.refs.size} refs, and none of them has a commit in common with the source`
  throw new Failure('unrelated', message, { side })
}

/** Checks the limit on deletions at a side. @throws Failure `too-many-deletions`, with the names of some refs */
export function checkDeletions(plan: readonly PlannedRef[], max: MaxDeletions, side: Side, { refs }: Pick<Advertisement, 'refs'>): void {
  const deleted = plan.filter(planned => planned.side === side && planned.action === 'delete')
  const present = plan.filter(({ ref }) => refs.has(ref)).length
  const limit =
    max === 'default' ? Math.max(10, Math.floor(present * 0.25)) : 'count' in max ? max.count : Math.floor((present * max.percent) / 100)
  if (deleted.length <= limit) return
  const names = deleted.slice(0, 10).map(({ ref }) => shortName(ref))
  const more = deleted.length > names.length ? ` and ${deleted.length - names.length} more` : ''
  const message = `the plan deletes ${deleted.length} refs at the destination, the limit is ${limit}: ${names.join(', ')}${more}`
  throw new Failure('too-many-deletions', message, { side })
}
