import type { Classifier } from '../errors/error-table.ts'
import { Failure } from '../errors/failure.ts'
import { isTransient, KINDS, type Kind } from '../errors/kinds.ts'
import type { PushedRef } from '../git/porcelain.ts'
import { REASON_CHARACTERS } from '../limits/limits.ts'
import { OUTCOME_OF } from '../plan/outcome.ts'
import type { RefChange } from '../plan/plan.ts'
import type { NeighbourOf } from '../refs/neighbour-names.ts'
import { hasLongPart, type Oid, type RefName } from '../refs/ref.ts'
import type { ChangeOutcome } from './transfer.ts'

/** The result of a push for one ref: reported by git or the server, or read from the destination's refs. */
export type RefAnswer =
  | PushedRef
  /** The server shows the ref to readers, but not to those who push (`receive.hideRefs`). */
  | { readonly ref: string; readonly result: 'hidden' }
  /** `a` and `a/b` cannot both exist, and the destination has the other one. */
  | { readonly ref: string; readonly result: 'name-taken'; readonly by: RefName }

/** The outcome of a change that was made. */
export const landed = (change: RefChange): ChangeOutcome => ({ outcome: OUTCOME_OF[change.action], reason: null, code: null })

/** The outcome of a change that a failure prevented. */
export const failed = ({ message, kind, hint, retryAfterMs }: Failure): ChangeOutcome => ({
  outcome: 'failed',
  reason: message,
  code: kind,
  hint,
  retryAfterMs,
})

/** The outcome of a change that this run did not make, to keep what the destination has. */
export const kept = (code: Kind | null, reason: string): ChangeOutcome => ({ outcome: 'kept', reason, code })

/** The outcome of a change whose ref no longer points to the commit that the run read. */
export const RACED: ChangeOutcome = {
  outcome: 'raced',
  reason: 'the ref at the destination was changed after the run read it',
  code: 'raced',
}

const rejected = (code: Kind, reason: string, hint?: string): ChangeOutcome => ({ outcome: 'rejected', reason, code, hint })

export const HELD_BACK = rejected('atomic-refused', 'not changed, because the push is atomic and another ref could not be changed')

const NO_DELETIONS = 'set `prune: none`, leave the ref out with a `!` pattern, or delete it at the destination in another way'

/** @param output the server's lines about this ref @param read classifies a text; it is asked for each ref of a push */
export function outcomeOf(change: RefChange, answer: RefAnswer, output: readonly string[], read: Classifier): ChangeOutcome {
  switch (answer.result) {
    case 'landed':
      return landed(change)
    // Another writer made the same change first.
    case 'up-to-date':
      return { outcome: 'up-to-date', reason: null, code: null }
    case 'lease-lost':
      return RACED
    case 'held-back':
      return HELD_BACK
    case 'no-deletions':
      return rejected('not-supported', 'the server does not support deleting refs', NO_DELETIONS)
    case 'hidden':
      return rejected('hidden-ref', 'the server hides this ref from those who push')
    case 'name-taken':
      return rejected('ref-conflict', `"${answer.by}" exists at the destination`)
    case 'refused':
      return refused([answer.reason, ...output], read, hasLongPart(change.ref))
    case 'unreported':
      return failed(new Failure('remote-error', 'the server did not report the result for the ref'))
  }
}

/** @param isLong a server that cannot store a name may only say that the ref was not written */
function refused(lines: readonly string[], read: Classifier, isLong: boolean): ChangeOutcome {
  const row = read(lines)
  const code = row?.kind ?? 'ref-rejected'
  if (isLong && (code === 'ref-not-written' || code === 'ref-rejected')) return rejected('name-too-long', reasonOf(lines))
  if (code === 'raced') return RACED
  // An error of the server itself is no refusal, so a retry can help.
  const outcome = isTransient(KINDS[code].fault) ? 'failed' : 'rejected'
  return { outcome, reason: reasonOf(lines), code, hint: row?.hint }
}

/** The lines on one line. It is made for each ref of a push, so it is not longer than needed. */
function reasonOf(lines: readonly string[]): string {
  let reason = ''
  for (const line of lines) {
    if (reason.length >= REASON_CHARACTERS) break
    reason += reason === '' ? line : `; ${line}`
  }
  return reason.slice(0, REASON_CHARACTERS)
}

/** A reason without a cause: JGit and Dulwich report it for a lost race and for names in conflict. */
const NO_CAUSE = /^failed to (?:lock|write|delete)$/

/** Whether the cause of a refusal has to be read from the destination's refs. */
export const lacksCause = (answer: RefAnswer): boolean => answer.result === 'refused' && NO_CAUSE.test(answer.reason)

/** The destination's refs after a push. */
interface RefsNow {
  readonly refs: ReadonlyMap<RefName, Oid>
  readonly neighbourOf: NeighbourOf
}

/** The cause of such a refusal, by the destination's refs as they are now; the same answer if they are as they were read. */
export function causeOf(answer: RefAnswer, { ref, before, after }: RefChange, now: RefsNow): RefAnswer {
  if ((now.refs.get(ref) ?? null) !== before) return { ref, result: 'lease-lost' }
  const by = after === null ? undefined : now.neighbourOf(ref)
  return by === undefined ? answer : { ref, result: 'name-taken', by }
}
