import type { RefName } from '../refs/ref.ts'
import type { Side } from '../remote/side.ts'
import type { PlannedRef } from './plan.ts'

/** The ref of the run's own repository that holds the running workflow: without it the mirror would not run again. */
export interface Reserved {
  readonly ref: RefName
  /** Path of the workflow's file; null if the runner does not report it. */
  readonly workflowFile: string | null
}

/** The one change of a plan that may be made only if the workflow's file still exists after it. */
export const changeToLookInto = (plan: readonly PlannedRef[], { ref }: Reserved): PlannedRef | null =>
  plan.find(planned => planned.ref === ref && planned.side === 'here' && planned.action === 'fast-forward') ?? null

/**
 * Keeps the reserved ref of the run's own repository: it is never forced, never deleted, and fast-forwarded only if the workflow survives.
 * @param survives whether the workflow's file is at the source's tip; null = not known, which never counts as yes
 * @param destination the side that is shown as the destination of a ref that does not change
 */
export function keepReserved(plan: readonly PlannedRef[], reserved: Reserved, survives: boolean | null, destination: Side): PlannedRef[] {
  return plan.map(planned => {
    if (planned.ref !== reserved.ref) return planned
    const reason = reasonToKeep(planned, reserved, survives, destination)
    if (reason === null) return planned
    const { before, after } = planned
    const tips = destination === 'here' ? { before, after } : { before: after, after: before }
    return { ...planned, ...tips, side: null, action: 'keep', reason, code: 'reserved-branch' }
  })
}

function reasonToKeep(planned: PlannedRef, { workflowFile }: Reserved, survives: boolean | null, destination: Side): string | null {
  const { side, action, code, reason } = planned
  // A diverged ref is kept for this reason as well: `keep-divergent: false` would not change that, except in both directions, where here wins.
  if (side === null) return code === 'diverged' && destination === 'here' ? `${reason}; it holds the running workflow` : null
  if (side === 'there') return null
  if (action === 'force') return `${reason}; it holds the running workflow, so it is never overwritten`
  if (action === 'delete') return `${reason}; it holds the running workflow, so it is never deleted`
  if (action !== 'fast-forward' || survives === true) return null
  const file = workflowFile === null ? 'the file of the running workflow' : `\`${workflowFile}\`, the running workflow`
  return survives === false
    ? `the source is ahead, but it does not have ${file}, which would be lost`
    : `the source is ahead, but it is not known whether it has ${file}`
}
