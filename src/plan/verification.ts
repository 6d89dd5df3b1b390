import type { Kind } from '../errors/kinds.ts'
import type { Outcome } from './outcome.ts'
import type { PlannedRef } from './plan.ts'
import type { Reserved } from './reserved.ts'

/** `kept` if a mirror would not change it, either. The code is the kind of difference; null = both sides are equal. */
type Verdict = Pick<PlannedRef, 'code' | 'reason'> & { readonly outcome: Extract<Outcome, 'up-to-date' | 'kept' | 'skipped'> }

/** The difference of both sides, from the plan of a mirror. @param reserved the ref of the running workflow, if its side would be changed */
export function verdictOn(planned: PlannedRef, reserved: Reserved | null): Verdict {
  const { ref, action, after, reason } = planned
  if (action === 'none') return { outcome: 'up-to-date', code: null, reason }
  if (after === null && ref === reserved?.ref)
    return { outcome: 'kept', code: 'reserved-branch', reason: 'not at the source; it holds the running workflow, as intended' }
  return { outcome: action === 'keep' ? 'kept' : 'skipped', code: differenceOf(planned), reason }
}

function differenceOf({ action, before, after, code }: PlannedRef): Kind {
  if (code === 'symbolic-ref') return code
  if (before === null) return 'missing'
  if (after === null) return 'extra'
  if (action === 'fast-forward') return 'behind'
  return code === 'relation-unknown' ? code : 'diverged'
}
