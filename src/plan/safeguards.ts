import { Failure } from '../errors/failure.ts'
import type { Advertisement } from '../refs/advertisement.ts'
import { hasNoBranches } from '../refs/advertisement.ts'
import { shortName } from '../refs/ref.ts'
import type { Side } from '../remote/side.ts'
import type { Compared, PlannedRef } from './plan.ts'

/** Limit on deletions in one run. `default`: 10 or 25 % of the destination's selected refs, whichever is more. */
export type MaxDeletions = { readonly count: number } | { readonly percent: number } | 'default'

/**
 * What can be refused before anything is compared.
 * A broken proxy's empty answer reads as an empty repository, so an empty source next to a full destination is never believed.
 * @param side of the source
 * @throws Failure `source-empty`, `object-format-mismatch`
 */
export function checkSides(source: Advertisement, destination: Advertisement, side: Side): void {
  if (hasNoBranches(source) && destination.refs.size > 0) {
    throw new Failure('source-empty', `the source has no branches, but the destination has ${destination.refs.size} refs`, { side })
  }
  checkFormats(source, destination)
}

/** @throws Failure `object-format-mismatch` */
export function checkFormats(source: Advertisement, destination: Advertisement): void {
  if (source.objectFormat && destination.objectFormat && source.objectFormat !== destination.objectFormat) {
    throw new Failure('object-format-mismatch', `the source uses ${source.objectFormat}, the destination ${destination.objectFormat}`)
  }
}

/**
 * Whether a plan would lose refs of a destination that may have nothing to do with the source: no tip in common, and no fast-forward.
 * If so, somebody must look for a common commit.
 */
export function needsKinship({ source, destination }: Pick<Compared, 'source' | 'destination'>, plan: readonly PlannedRef[]): boolean {
  if (!plan.some(({ action }) => action === 'force' || action === 'delete')) return false
  if (plan.some(({ action }) => action === 'fast-forward')) return false
  const known = new Set(source.refs.values())
  return ![...destination.refs.values()].some(tip => known.has(tip))
}

/** @param side of the destination @throws Failure `unrelated` */
export function refuseUnrelated(destination: Advertisement, side: Side): never {
  throw new Failure(
    'unrelated',
    `the destination has ${destination.refs.size} refs, and none of them has a commit in common with the source`,
    {
      side,
    },
  )
}

/** @param side of the destination @throws Failure `too-many-deletions`, naming some of the refs */
export function checkDeletions(plan: readonly PlannedRef[], max: MaxDeletions, side: Side): void {
  const deleted = plan.filter(({ action }) => action === 'delete')
  const present = plan.filter(({ before }) => before !== null).length
  const limit =
    max === 'default' ? Math.max(10, Math.floor(present * 0.25)) : 'count' in max ? max.count : Math.floor((present * max.percent) / 100)
  if (deleted.length <= limit) return
  const names = deleted.slice(0, 10).map(({ ref }) => shortName(ref))
  const more = deleted.length > names.length ? ` and ${deleted.length - names.length} more` : ''
  throw new Failure(
    'too-many-deletions',
    `the plan deletes ${deleted.length} refs at the destination, the limit is ${limit}: ${names.join(', ')}${more}`,
    {
      side,
    },
  )
}
