import type { Kind } from '../errors/kinds.ts'
import type { Outcome } from './outcome.ts'
import type { PlannedRef } from './plan.ts'
import type { Reserved } from './reserved.ts'

/** What a comparison says of a ref, of which nothing is to be changed. */
export interface Verdict {
  /** `kept` where a mirror would leave it alone, too. */
  readonly outcome: Extract<Outcome, 'up-to-date' | 'kept' | 'skipped'>
  /** How both sides differ, whatever a mirror would do about it; null = not at all. */
  readonly code: Kind | null
  readonly reason: string
}

/**
 * What a mirror's plan for a ref says of both sides as they are.
 * @param planned of the side that would be changed, or that is told as the destination
 * @param reserved the ref of the running workflow, where its side would be changed; null = none
 */
export function verdictOn(planned: PlannedRef, reserved: Reserved | null): Verdict {
  const { ref, action, after, reason } = planned
  if (action === 'none') return { outcome: 'up-to-date', code: null, reason }
  if (after === null && ref === reserved?.ref)
    return { outcome: 'kept', code: 'reserved-branch', reason: 'not at the source; it holds the running workflow, as it should' }
  return { outcome: action === 'keep' ? 'kept' : 'skipped', code: differenceOf(planned), reason }
}

function differenceOf({ action, before, after, code }: PlannedRef): Kind {
  if (before === null) return 'missing'
  if (after === null) return 'extra'
  if (action === 'fast-forward') return 'behind'
  return code === 'relation-unknown' ? code : 'diverged'
}
