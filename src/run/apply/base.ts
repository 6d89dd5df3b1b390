import { Failure } from '../../errors/failure.ts'
import { isLanded } from '../../plan/outcome.ts'
import type { RefChange } from '../../plan/plan.ts'
import type { RefName } from '../../refs/ref.ts'
import { oneLine } from '../../text/escape.ts'
import type { Transfer } from '../../transfer/transfer.ts'

/** Stores the base. @param toHere to the side that holds the base @throws Failure `raced` if another run wrote it first, `base-refused` */
export async function writeBase(changes: readonly RefChange[], toHere: Transfer): Promise<void> {
  if (changes.length === 0) return
  const outcomes = await toHere.applyMirroringRefs(changes)
  const missed = changes.flatMap(({ ref }) => {
    const { outcome, reason } = outcomes.get(ref) ?? NO_ANSWER
    return isLanded(outcome) ? [] : [{ ref, outcome, reason: reason ?? outcome }]
  })
  // Either another run was faster, or the server hides refs from readers that it shows to writers.
  const found = changes.filter(({ ref, before }) => before === null && FOUND.has(outcomes.get(ref)?.outcome ?? ''))
  const hidden = found.length === 0 ? [] : await hiddenRefs(found, toHere)
  const [first] = hidden.map(ref => ({ ref, reason: 'the server hides it from readers' })).concat(missed)
  if (first === undefined) return
  if (hidden.length === 0 && missed.every(({ outcome }) => outcome === 'raced'))
    throw new Failure('raced', 'another run stored the base at the same time', { side: 'here' })
  const count = `${Math.max(hidden.length, missed.length)} of ${changes.length} refs`
  const message = `the base could not be stored here for ${count}, first "${first.ref}": ${oneLine(first.reason)}`
  throw new Failure('base-refused', message, { side: 'here' })
}

const NO_ANSWER = { outcome: 'failed', reason: 'the server did not answer' } as const

const FOUND: ReadonlySet<string> = new Set(['up-to-date', 'raced'])

async function hiddenRefs(found: readonly RefChange[], toHere: Transfer): Promise<RefName[]> {
  const now = await toHere.readAgain()
  return found.flatMap(({ ref }) => (now.has(ref) ? [] : [ref]))
}
