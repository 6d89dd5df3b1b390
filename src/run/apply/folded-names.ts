import type { Kind } from '../../errors/kinds.ts'
import { type FoldedNames, foldedReason, heldReason } from '../../plan/folded-names.ts'
import { isLanded } from '../../plan/outcome.ts'
import type { PlannedRef } from '../../plan/plan.ts'
import type { RefName } from '../../refs/ref.ts'
import { kept } from '../../transfer/push-outcome.ts'
import type { ChangeOutcome } from '../../transfer/transfer.ts'

interface FoldingOptions {
  readonly folded: FoldedNames
  readonly atomic: boolean
  readonly outcomes: Map<RefName, ChangeOutcome>
}

/** A server whose disk takes two names for one finds that the new ref exists, or cannot lock it. */
const CONFLICTS: ReadonlySet<Kind | null> = new Set<Kind>(['raced', 'ref-conflict', 'ref-not-written', 'ref-rejected'])

/**
 * Pushes a new ref that differs from another one only in case or in its Unicode form after the others. A disk that takes both for one could make the server
 * refuse the whole push. A ref that such a new one replaces is deleted last, and only if both exist: otherwise it is the new one, under another name.
 * @param push makes changes, and stores their outcomes
 */
export async function pushFolded(
  changes: readonly PlannedRef[],
  { folded, atomic, outcomes }: FoldingOptions,
  push: (changes: readonly PlannedRef[]) => Promise<void>,
): Promise<void> {
  const { twinOf, replacedBy } = folded
  const second = changes.filter(({ ref }) => twinOf.has(ref))
  const last = changes.filter(({ ref }) => replacedBy.has(ref))
  await push(atomic ? changes : changes.filter(({ ref }) => !twinOf.has(ref) && !replacedBy.has(ref)))
  if (!atomic) await push(second)
  for (const { ref } of second) {
    const outcome = outcomes.get(ref)
    const [twin, isRefused] = [twinOf.get(ref), outcome !== undefined && !isLanded(outcome.outcome) && CONFLICTS.has(outcome.code)]
    if (twin !== undefined && isRefused) outcomes.set(ref, { outcome: 'rejected', reason: foldedReason(twin), code: 'name-folded' })
  }
  for (const { ref } of last) {
    const now = replacedBy.get(ref)
    if (now !== undefined && !isLanded(outcomes.get(now)?.outcome)) outcomes.set(ref, kept('name-folded', heldReason(now)))
  }
  if (!atomic) await push(last.filter(({ ref }) => !outcomes.has(ref)))
}
