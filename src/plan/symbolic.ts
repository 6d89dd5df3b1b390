import type { Oid, RefName } from '../refs/ref.ts'
import { SIDES, type Side } from '../remote/side.ts'
import { type Comparison, type Decision, keep, type PlannedRef, symbolicReason } from './plan.ts'

/** The tip that a change gave to a ref of a side; undefined = the run did not change it. */
export type ChangedTip = (side: Side, ref: RefName) => Oid | null | undefined

/**
 * Symbolic refs that the run moved by changing their targets: planned as equal and different now, or the reverse.
 * @param changed what the run changed
 * @returns by name, the decision that is true now
 */
export function movedSymbolic(plan: readonly PlannedRef[], comparison: Comparison, changed: ChangedTip): Map<RefName, Decision> {
  const moved = new Map<RefName, Decision>()
  if (SIDES.every(side => comparison[side].symbolic.size === 0)) return moved
  const tips = new Map(comparison.refs.map(entry => [entry.ref, entry]))
  const tipNow = (side: Side, ref: RefName) => {
    const target = comparison[side].symbolic.get(ref)?.target as RefName | undefined
    const after = changed(side, target ?? ref)
    return after === undefined ? (tips.get(ref)?.[side] ?? null) : after
  }
  for (const { ref, action, code } of plan) {
    const [target] = SIDES.flatMap(side => comparison[side].symbolic.get(ref)?.target ?? [])
    if (target === undefined) continue
    const isEqual = tipNow('here', ref) === tipNow('there', ref)
    if (isEqual && code === 'symbolic-ref')
      moved.set(ref, { side: null, action: 'none', reason: `the same as ${target}, its target`, code: null })
    if (!isEqual && action === 'none') moved.set(ref, keep('symbolic-ref', `${symbolicReason(target)}; its target moved in this run`))
  }
  return moved
}
