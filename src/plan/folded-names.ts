import type { RefName } from '../refs/ref.ts'
import { SIDES } from '../remote/side.ts'
import { keep, type PlannedRef } from './plan.ts'

/** Names with the same fold differ only in case or in their Unicode form. Most disks of macOS and Windows take such names of files, and so of refs, for one. */
const foldOf = (ref: RefName): string => ref.normalize('NFD').toLowerCase()

/** Changes of one side that such a disk would mix up. */
export interface FoldedNames {
  /** New refs, each with the ref that is there before it. */
  readonly twinOf: ReadonlyMap<RefName, RefName>
  /** Refs to delete, each with the new ref that may be the same one. */
  readonly replacedBy: ReadonlyMap<RefName, RefName>
}

/** @param present the refs of the side that is changed */
export function foldedNames(changes: readonly PlannedRef[], present: Iterable<RefName>): FoldedNames {
  const created = new Map<string, RefName>()
  const [twinOf, replacedBy] = [new Map<RefName, RefName>(), new Map<RefName, RefName>()]
  for (const { ref, action } of changes) {
    if (action !== 'create') continue
    const first = created.get(foldOf(ref))
    if (first === undefined) created.set(foldOf(ref), ref)
    else twinOf.set(ref, first)
  }
  if (created.size === 0) return { twinOf, replacedBy }
  for (const ref of present) {
    const first = created.get(foldOf(ref))
    if (first !== undefined) twinOf.set(first, ref)
  }
  for (const { ref, action } of changes) {
    const first = action === 'delete' ? created.get(foldOf(ref)) : undefined
    if (first !== undefined) replacedBy.set(ref, first)
  }
  return { twinOf, replacedBy }
}

const BY_CASE = 'the names differ only in case or in their Unicode form'

/** Why a new ref is refused beside its twin. */
export const foldedReason = (twin: RefName): string => `the destination takes it for "${twin}": ${BY_CASE}`

/** Why a ref is kept: the other one does not exist beside it. */
export const heldReason = (other: RefName): string => `it may be "${other}" itself: ${BY_CASE}`

/**
 * Keeps refs that look as if they had been renamed at the other side, where only the disk may have done that. Otherwise a ref would be deleted, in both
 * directions, because a disk lists it under another name.
 */
export function keepRenamed(plan: readonly PlannedRef[]): PlannedRef[] {
  const renamed = SIDES.flatMap(side => {
    const { replacedBy } = foldedNames(
      plan.filter(entry => entry.side === side),
      [],
    )
    return [...replacedBy].flatMap(([old, now]) => [[old, now] as const, [now, old] as const])
  })
  const twins = new Map(renamed)
  return plan.map(entry => {
    const twin = twins.get(entry.ref)
    if (twin === undefined) return entry
    const [before, after] = entry.side === 'here' ? [entry.after, entry.before] : [entry.before, entry.after]
    return { ref: entry.ref, before, after, ...keep('name-folded', heldReason(twin)) }
  })
}
