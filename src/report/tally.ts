import { isLanded, OUTCOMES, type Outcome } from '../plan/outcome.ts'
import { hasLanded, isChange, isDivergent, isTrouble } from './interest.ts'
import type { Counts, RefReport, Report, Status } from './report.ts'

/** The number of refs per outcome; holds every outcome, in the order of OUTCOMES. */
export function countOutcomes(refs: readonly RefReport[]): Counts {
  const counts = Object.fromEntries(OUTCOMES.map(outcome => [outcome, 0])) as Record<Outcome, number>
  for (const { outcome } of refs) counts[outcome]++
  return counts
}

/** Whether both sides are now equal in these refs. The caller also checks that no failure ended the run, because such a run is never in sync. */
export const isInSync = (refs: readonly RefReport[]): boolean => refs.every(({ outcome }) => isLanded(outcome))

type Judged = Pick<Report, 'refs' | 'failure' | 'dryRun'> & Partial<Pick<Report, 'operation'>>

/**
 * The status of a run; the first rule that applies decides. @param isIncomplete something else than a ref is missing, which `fail-on` counts
 * - A failure: `partial` if a ref was changed before it, otherwise `failed`.
 * - A ref that was refused or is divergent: `failed` if every change was refused, otherwise `partial`. A verification changes nothing, so it is `partial`.
 * - A change that was not made: `skipped` in a dry run, otherwise `partial`.
 * - Otherwise `updated` if a ref was changed, and `up-to-date` if none had to be.
 */
export function statusOf({ refs, failure, dryRun, operation }: Judged, isIncomplete = false): Status {
  const changes = refs.filter(isChange)
  const landed = changes.some(hasLanded)
  if (failure !== null) return landed ? 'partial' : 'failed'
  // A ref that the source cannot give is refused before a change is planned.
  const isRefused = refs.some(isTrouble) && changes.every(isTrouble) && operation !== 'verify'
  if (refs.some(isTrouble) || refs.some(isDivergent)) return isRefused ? 'failed' : 'partial'
  if (isIncomplete) return 'partial'
  if (!isInSync(changes)) return dryRun ? 'skipped' : 'partial'
  return landed ? 'updated' : 'up-to-date'
}
