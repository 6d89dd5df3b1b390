import type { PlannedRef } from '../plan/plan.ts'
import { changeToLookInto, type Reserved, sparingReserved } from '../plan/reserved.ts'
import type { TransferChoice } from '../settings/settings.ts'
import { isImpossible } from '../transfer/choice.ts'
import type { Transfer } from '../transfer/transfer.ts'

/**
 * Spares the ref that holds the running workflow, after a look at the source where that decides.
 * @param plan for the run's own repository
 * @param reserved null = nothing is reserved
 * @throws Failure when the source cannot be read; `relay-impossible` where git may do what the relay cannot
 */
export async function spareReserved(
  plan: readonly PlannedRef[],
  reserved: Reserved | null,
  { transfer, choice }: { readonly transfer: Transfer; readonly choice: TransferChoice },
): Promise<readonly PlannedRef[]> {
  if (reserved === null) return plan
  const change = changeToLookInto(plan, reserved)
  if (change === null || reserved.workflowFile === null) return sparingReserved(plan, reserved, null)
  const survives = await transfer.holdsFile(change, reserved.workflowFile).catch((error: unknown) => {
    if (choice === 'relay' && isImpossible(error)) return null
    throw error
  })
  return sparingReserved(plan, reserved, survives)
}
