import type { Kind } from '../errors/kinds.ts'
import type { Outcome } from './outcome.ts'
import type { PlannedRef } from './plan.ts'
import type { Reserved } from './reserved.ts'

/** How a verification reports a ref. */
export interface Verdict {
  /** `kept` if a mirror would leave it alone as well. */
  readonly outcome: Extract<Outcome, 'up-to-date' | 'kept' | 'skipped'>
  /** How both sides differ, whatever a mirror would do about it; null = not at all. */
  readonly code: Kind | null
  readonly reason: string
}

/**
 * Turns a mirror's plan for a ref into a report of how both sides differ.
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
