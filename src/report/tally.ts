import { OUTCOMES, type Outcome } from '../plan/outcome.ts'
import { hasLanded, isChange, isDivergent, isTrouble } from './interest.ts'
import type { Counts, RefReport, Report, Status } from './report.ts'

/** How many refs came to each outcome; every outcome is there, in the order of OUTCOMES. */
export function countOutcomes(refs: readonly RefReport[]): Counts {
  const counts = Object.fromEntries(OUTCOMES.map(outcome => [outcome, 0])) as Record<Outcome, number>
  for (const { outcome } of refs) counts[outcome]++
  return counts
}

const SETTLED: ReadonlySet<Outcome> = new Set(['up-to-date', 'created', 'updated', 'forced', 'deleted'])

/** Whether both sides are equal now in these refs. A run that a failure ended is never in sync, whatever its refs say: the caller adds that. */
export const isInSync = (refs: readonly RefReport[]): boolean => refs.every(({ outcome }) => SETTLED.has(outcome))

/**
 * The status of a run; the worse word wins.
 * - A failure: `failed`, or `partial` when something had landed before it.
 * - A ref that was refused, or is left divergent: `partial`; `failed` when there was something to change and all of it was refused.
 * - A change that was not made: `skipped` in a dry run, else `partial`.
 * - Otherwise `updated` when something landed, `up-to-date` when nothing had to.
 */
export function statusOf({ refs, failure, dryRun }: Pick<Report, 'refs' | 'failure' | 'dryRun'>): Status {
  const changes = refs.filter(isChange)
  const landed = changes.some(hasLanded)
  if (failure !== null) return landed ? 'partial' : 'failed'
  if (refs.some(isTrouble) || refs.some(isDivergent)) return changes.length > 0 && changes.every(isTrouble) ? 'failed' : 'partial'
  if (!isInSync(changes)) return dryRun ? 'skipped' : 'partial'
  return landed ? 'updated' : 'up-to-date'
}
