import { isChanged, OUTCOME_OF, type Outcome } from '../plan/outcome.ts'
import type { RefReport } from './report.ts'

const TROUBLES: ReadonlySet<Outcome> = new Set(['rejected', 'raced', 'failed'])

/** The plan wanted to change it. */
export const isChange = ({ action }: RefReport): boolean => isChanged(OUTCOME_OF[action])

/** The run changed it. */
export const hasLanded = ({ outcome }: RefReport): boolean => isChanged(outcome)

/** The run tried to change it and failed. */
export const isTrouble = ({ outcome }: RefReport): boolean => TROUBLES.has(outcome)

/** The ways in which both sides can differ in a ref; only a verification finds the last three. */
const DIFFERENCES: ReadonlySet<string> = new Set([
  'diverged',
  'relation-unknown',
  'symbolic-ref',
  'name-folded',
  'missing',
  'behind',
  'extra',
])

/** Kept although both sides differ, or may differ, so that the user has to decide. */
export const isDivergent = ({ outcome, code, before, after }: RefReport): boolean =>
  (outcome === 'skipped' && code === 'name-unusable') ||
  // A verification changes nothing, so it skips what a mirror would change.
  (outcome === 'skipped' && DIFFERENCES.has(code ?? '')) ||
  (outcome === 'kept' &&
    (DIFFERENCES.has(code ?? '') ||
      code === 'backup-refused' ||
      // The branch of the workflow may exist on one side only.
      (code === 'reserved-branch' && before !== null && after !== null)))

const RANKS: Readonly<Record<Outcome, number>> = {
  failed: 0,
  rejected: 1,
  raced: 2,
  // 3: kept and divergent
  forced: 4,
  deleted: 5,
  kept: 6,
  skipped: 6,
  created: 7,
  updated: 8,
  'up-to-date': 9,
}

function rankOf(ref: RefReport): number {
  if (isDivergent(ref)) return 3
  // A change that was only planned ranks like the same change when it is made.
  return RANKS[ref.outcome === 'skipped' && ref.action !== 'none' ? OUTCOME_OF[ref.action] : ref.outcome]
}

/** Refs that need attention come first; refs of the same rank keep their order. */
export const interestingFirst = (refs: readonly RefReport[]): RefReport[] => [...refs].sort((a, b) => rankOf(a) - rankOf(b))
