import type { Action, Outcome } from '../plan/outcome.ts'
import type { RefReport } from './report.ts'

const CHANGES: ReadonlySet<Action> = new Set(['create', 'fast-forward', 'force', 'delete'])
/** The ref was changed. */
const LANDED: ReadonlySet<string> = new Set(['created', 'updated', 'forced', 'deleted'])
const TROUBLES: ReadonlySet<Outcome> = new Set(['rejected', 'raced', 'failed'])

/** The plan wanted to change it. */
export const isChange = ({ action }: RefReport): boolean => CHANGES.has(action)

/** The run changed it. */
export const hasLanded = ({ outcome }: RefReport): boolean => LANDED.has(outcome)

/** The run tried to change it, in vain. */
export const isTrouble = ({ outcome }: RefReport): boolean => TROUBLES.has(outcome)

/** How both sides can differ in a ref; all but two are found by a verification alone. */
const DIFFERENCES: ReadonlySet<string> = new Set(['diverged', 'relation-unknown', 'missing', 'behind', 'extra'])

/** Left alone although both sides differ, or may differ, in a way that somebody has to settle. */
export const isDivergent = ({ outcome, code, before, after }: RefReport): boolean =>
  code === 'name-unusable' ||
  // A verification changes nothing, so it skips what a mirror would change.
  (outcome === 'skipped' && DIFFERENCES.has(code ?? '')) ||
  (outcome === 'kept' &&
    (DIFFERENCES.has(code ?? '') ||
      code === 'backup-refused' ||
      // The branch of the workflow that only one side has is as it should be.
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

/** A change that was only planned ranks like the same change done. */
const PLANNED: Readonly<Record<Action, Outcome>> = {
  force: 'forced',
  delete: 'deleted',
  create: 'created',
  'fast-forward': 'updated',
  keep: 'kept',
  none: 'skipped',
}

function rankOf(ref: RefReport): number {
  if (isDivergent(ref)) return 3
  return RANKS[ref.outcome === 'skipped' ? PLANNED[ref.action] : ref.outcome]
}

/** What somebody must see comes first; refs of the same interest keep their order. */
export const interestingFirst = (refs: readonly RefReport[]): RefReport[] => [...refs].sort((a, b) => rankOf(a) - rankOf(b))
