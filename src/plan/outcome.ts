/** What the plan does with a ref. */
export type Action = 'create' | 'fast-forward' | 'force' | 'delete' | 'keep' | 'none'

/** What became of a ref. */
export const OUTCOMES = ['created', 'updated', 'forced', 'deleted', 'kept', 'up-to-date', 'rejected', 'raced', 'failed', 'skipped'] as const
export type Outcome = (typeof OUTCOMES)[number]

export type TransferName = 'relay' | 'git'

const LANDED: ReadonlySet<Outcome> = new Set(['created', 'updated', 'forced', 'deleted', 'up-to-date'])

/** The ref has the tip that it was to get, whoever changed it. */
export const isLanded = (outcome: Outcome | undefined): boolean => outcome !== undefined && LANDED.has(outcome)
