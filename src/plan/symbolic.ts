import type { Oid, RefName } from '../refs/ref.ts'
import { type PerSide, SIDES, type Side } from '../remote/side.ts'
import { type Comparison, type Decision, keep, type PlannedRef, symbolicReason } from './plan.ts'

/** The results of a run at one side. */
export interface SideNow {
  /** The tips of refs that it changed; null = deleted. */
  readonly changed: ReadonlyMap<RefName, Oid | null>
  /** Refs that turned out to be symbolic, which the server does not report, with their tips. */
  readonly aliases: ReadonlyMap<RefName, Oid | null>
}

/**
 * Symbolic refs that the run moved by changing their targets: planned as equal and different now, or the reverse.
 * @returns by name, the decision that is true now
 */
export function movedSymbolic(plan: readonly PlannedRef[], comparison: Comparison, now: PerSide<SideNow>): Map<RefName, Decision> {
  const moved = new Map<RefName, Decision>()
  if (SIDES.every(side => comparison[side].symbolic.size === 0 && now[side].aliases.size === 0)) return moved
  const tips = new Map(comparison.refs.map(entry => [entry.ref, entry]))
  const targetOf = (side: Side, ref: RefName) => comparison[side].symbolic.get(ref)?.target as RefName | undefined
  const tipNow = (side: Side, ref: RefName) => {
    const { changed, aliases } = now[side]
    const after = aliases.get(ref) ?? changed.get(targetOf(side, ref) ?? ref)
    return after === undefined ? (tips.get(ref)?.[side] ?? null) : after
  }
  for (const { ref, action, code } of plan) {
    const [target] = SIDES.flatMap(side => targetOf(side, ref) ?? (now[side].aliases.has(ref) ? 'another ref' : []))
    if (target === undefined) continue
    const isEqual = tipNow('here', ref) === tipNow('there', ref)
    if (isEqual && (code === 'symbolic-ref' || SIDES.some(side => now[side].aliases.has(ref))))
      moved.set(ref, { side: null, action: 'none', reason: `the same as ${target}, its target`, code: null })
    if (!isEqual && action === 'none') moved.set(ref, keep('symbolic-ref', `${symbolicReason(target)}; its target moved in this run`))
  }
  return moved
}
