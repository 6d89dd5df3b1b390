import type { RefName } from '../refs/ref.ts'
import type { PlannedRef } from './plan.ts'

/** The ref of the run's own repository that holds the workflow now running: to lose it would be to lose the mirror itself. */
export interface Reserved {
  readonly ref: RefName
  /** Path of the workflow's file; null where the runner does not tell it. */
  readonly workflowFile: string | null
}

/** The one change of a plan that is right only if the workflow's file is still there after it; null where there is none. */
export const changeToLookInto = (plan: readonly PlannedRef[], { ref }: Reserved): PlannedRef | null =>
  plan.find(planned => planned.ref === ref && planned.action === 'fast-forward') ?? null

/**
 * A plan for the run's own repository that spares the reserved ref: never forced, never deleted, and fast-forwarded only if the workflow survives.
 * @param survives whether the workflow's file is at the source's tip; null = not known, which is never taken for a yes
 */
export function sparingReserved(plan: readonly PlannedRef[], reserved: Reserved, survives: boolean | null): PlannedRef[] {
  const file = reserved.workflowFile === null ? 'the file of the running workflow' : `\`${reserved.workflowFile}\`, the running workflow`
  return plan.map(planned => {
    if (planned.ref !== reserved.ref) return planned
    const keep = (reason: string): PlannedRef => ({ ...planned, action: 'keep', reason, code: 'reserved-branch' })
    switch (planned.action) {
      case 'force':
        return keep(`${planned.reason}; it holds the running workflow, so it is never overwritten`)
      case 'delete':
        return keep(`${planned.reason}; it holds the running workflow, so it is never deleted`)
      case 'fast-forward':
        if (survives === true) return planned
        return keep(
          survives === false
            ? `the source is ahead, but it does not have ${file}, which would be lost`
            : `the source is ahead, but whether it has ${file} could not be found out`,
        )
      default:
        // What diverged is kept for this reason, too: `keep-divergent: false` would not change that.
        return planned.code === 'diverged' ? keep(`${planned.reason}; it holds the running workflow`) : planned
    }
  })
}
