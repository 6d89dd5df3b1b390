import type { PlannedRef } from '../plan/plan.ts'
import { changeToLookInto, keepReserved } from '../plan/reserved.ts'
import { rolesOf } from '../settings/direction.ts'
import type { Settings } from '../settings/settings.ts'
import type { Transfer } from '../transfer/transfer.ts'
import { isImpossible } from '../transfer/transfer-choice.ts'

/**
 * Keeps the ref that holds the running workflow. If the workflow's file at the source decides that, it is looked up.
 * @param toHere undefined if the run's own repository is not changed
 * @throws Failure if the source cannot be read; `relay-impossible` if git may do what the relay cannot
 */
export async function protectReserved(
  plan: readonly PlannedRef[],
  { reserved, direction, transfer: choice }: Settings,
  toHere: Transfer | undefined,
): Promise<readonly PlannedRef[]> {
  if (reserved === null || toHere === undefined) return plan
  const { destination } = rolesOf(direction)
  const change = changeToLookInto(plan, reserved)
  if (change === null || reserved.workflowFile === null) return keepReserved(plan, reserved, null, destination)
  const survives = await toHere.holdsFile(change, reserved.workflowFile).catch((error: unknown) => {
    if (choice === 'relay' && isImpossible(error)) return null
    throw error
  })
  return keepReserved(plan, reserved, survives, destination)
}
