/** How the plan treats a ref. */
export type Action = 'create' | 'fast-forward' | 'force' | 'delete' | 'keep' | 'none'

/** The result of a run for a ref. */
export const OUTCOMES = ['created', 'updated', 'forced', 'deleted', 'kept', 'up-to-date', 'rejected', 'raced', 'failed', 'skipped'] as const
export type Outcome = (typeof OUTCOMES)[number]

export type TransferName = 'relay' | 'git'

/** The outcome of an action that succeeded. */
export const OUTCOME_OF: Readonly<Record<Action, Outcome>> = {
  create: 'created',
  'fast-forward': 'updated',
  force: 'forced',
  delete: 'deleted',
  keep: 'kept',
  none: 'up-to-date',
}

const CHANGED: ReadonlySet<Outcome> = new Set(['created', 'updated', 'forced', 'deleted'])

/** The run changed the ref. */
export const isChanged = (outcome: Outcome): boolean => CHANGED.has(outcome)

/** The ref has the tip that was planned, whether this run or another writer changed it. */
export const isLanded = (outcome: Outcome | undefined): boolean => outcome !== undefined && (outcome === 'up-to-date' || isChanged(outcome))
