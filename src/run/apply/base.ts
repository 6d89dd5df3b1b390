import { Failure } from '../../errors/failure.ts'
import { agreedRefs, baseId, planBase, sealerOf } from '../../plan/base.ts'
import { isLanded } from '../../plan/outcome.ts'
import type { Comparison, RefChange } from '../../plan/plan.ts'
import { planSeals } from '../../plan/seal.ts'
import { baseName } from '../../refs/mirroring-ref.ts'
import type { Oid, RefName } from '../../refs/ref.ts'
import type { PerSide, Side } from '../../remote/side.ts'
import type { Settings } from '../../settings/settings.ts'
import { oneLine } from '../../text/escape.ts'
import type { ChangeOutcome, Transfer } from '../../transfer/transfer.ts'

/**
 * Stores the base here, then its seals there. A run that is killed in between leaves bases without a seal, which count as unknown.
 * @param landed refs that were changed on one side, with the tip that both have now
 * @param to the transfers to each side
 * @throws Failure `raced` if another run wrote the base first, `base-refused`
 */
export async function writeBase(
  comparison: Comparison,
  landed: ReadonlyMap<RefName, Oid | null>,
  to: PerSide<Transfer>,
  settings: Settings,
): Promise<void> {
  const id = baseId(settings.there)
  const agreed = agreedRefs(comparison, landed)
  const changes = planBase(comparison, agreed, id)
  const outcomes = await store(changes, to.here)
  const missed = new Set(changes.flatMap(({ ref }) => (isLanded(outcomes.get(ref)?.outcome) ? [] : [ref])))
  const base = new Map(comparison.base)
  for (const [ref, tip] of agreed) {
    if (missed.has(baseName(ref, id))) continue
    if (tip === null) base.delete(ref)
    else base.set(ref, tip)
  }
  const seals = planSeals(base, comparison.there.mirroringRefs, sealerOf(settings))
  const sealed = await store(seals, to.there)
  await checkStored(changes, outcomes, to.here, 'here')
  await checkStored(seals, sealed, to.there, 'there')
}

const store = async (changes: readonly RefChange[], to: Transfer): Promise<ReadonlyMap<RefName, ChangeOutcome>> =>
  changes.length === 0 ? new Map() : await to.applyMirroringRefs(changes)

/** @throws Failure `raced`, `base-refused` */
async function checkStored(changes: readonly RefChange[], outcomes: ReadonlyMap<RefName, ChangeOutcome>, to: Transfer, side: Side) {
  const missed = changes.flatMap(({ ref }) => {
    const { outcome, reason } = outcomes.get(ref) ?? NO_ANSWER
    return isLanded(outcome) ? [] : [{ ref, outcome, reason: reason ?? outcome }]
  })
  // Either another run was faster, or the server hides refs from readers that it shows to writers.
  const found = changes.filter(({ ref, before }) => before === null && FOUND.has(outcomes.get(ref)?.outcome ?? ''))
  const now = found.length === 0 ? null : await to.readAgain()
  const hidden = found.filter(({ ref }) => now?.has(ref) === false)
  const [first] = hidden.map(({ ref }) => ({ ref, reason: 'the server hides it from readers' })).concat(missed)
  if (first === undefined) return
  if (hidden.length === 0 && missed.every(({ outcome }) => outcome === 'raced'))
    throw new Failure('raced', 'another run stored the base at the same time', { side })
  const count = `${Math.max(hidden.length, missed.length)} of ${changes.length} refs`
  const what = side === 'here' ? 'the base could not be stored here' : 'the base could not be sealed there'
  throw new Failure('base-refused', `${what} for ${count}, first "${first.ref}": ${oneLine(first.reason)}`, { side })
}

const NO_ANSWER = { outcome: 'failed', reason: 'the server did not answer' } as const

const FOUND: ReadonlySet<string> = new Set(['up-to-date', 'raced'])
