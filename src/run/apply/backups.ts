import { Failure } from '../../errors/failure.ts'
import type { BackupPlan, PlannedBackup } from '../../plan/backups.ts'
import type { FoldedNames } from '../../plan/folded-names.ts'
import { isLanded } from '../../plan/outcome.ts'
import { changeOf, type PlannedRef } from '../../plan/plan.ts'
import type { Oid, RefName } from '../../refs/ref.ts'
import type { BackupReport } from '../../report/report.ts'
import { failed, kept } from '../../transfer/push-outcome.ts'
import type { ChangeOutcome, Transfer } from '../../transfer/transfer.ts'
import { applyWatching, type TwinWatch } from './aliases.ts'
import { pushFolded } from './folded-names.ts'

type Outcomes = Map<RefName, ChangeOutcome>

/** A backup, of the one side that is changed. */
export type StoredBackup = Omit<BackupReport, 'side'>

/** The results so far, stored at once, so that a later failure hides none of them. */
export interface Progress {
  readonly outcomes: Outcomes
  readonly backups: StoredBackup[]
  /** Names of the backups that exist now. */
  readonly stored: Set<RefName>
  /** null if the server reports its symbolic refs. */
  readonly watch: TwinWatch | null
  /** Refs that the side's disk may mix up. */
  readonly folded: FoldedNames
}

/**
 * Makes the changes of a plan in this order: backups, in a request of their own; changes that have their backup or need none; changes that wait for
 * another ref. Finally, it removes expired backups. A tip without its backup is not overwritten.
 * @throws Failure if nothing could be sent
 */
export async function applyWithBackups(
  transfer: Transfer,
  changes: readonly PlannedRef[],
  plan: BackupPlan,
  { atomic, backup }: { readonly atomic: boolean; readonly backup: boolean },
  progress: Progress,
): Promise<void> {
  const { outcomes, watch, folded } = progress
  const options = { transfer, watch, outcomes, atomic, backup }
  const push = (some: readonly PlannedRef[]) => pushFolded(some, { folded, atomic, outcomes }, each => apply(transfer, each, outcomes))
  await storeBackups(transfer, [...plan.backups.values()], progress)
  if (atomic && outcomes.size > 0) for (const { ref } of changes) if (!outcomes.has(ref)) outcomes.set(ref, HELD_BACK)
  const going = changes.filter(({ ref }) => !outcomes.has(ref))
  const independent = going.filter(({ ref }) => !plan.waiting.has(ref))
  await applyWatching(independent, options, push)
  const landed = (ref: RefName) => isLanded(outcomes.get(ref)?.outcome)
  const waiting = going.filter(({ ref }) => plan.waiting.has(ref))
  const held = waiting.filter(({ ref }) => !plan.waiting.get(ref)?.some(landed))
  const fallbacks = held.flatMap(({ ref }) => plan.fallback.get(ref) ?? [])
  await storeBackups(transfer, fallbacks, progress)
  for (const { ref } of held) if (!plan.fallback.has(ref)) outcomes.set(ref, keptWaiting(plan.waiting.get(ref) ?? []))
  const safe = waiting.filter(({ ref }) => !outcomes.has(ref))
  await applyWatching(safe, options, push)
  await removeExpired(transfer, plan.expired, progress)
}

/** Makes changes. After an earlier request has changed something, a failure becomes the outcome of these refs instead of ending the run. */
async function apply(transfer: Transfer, changes: readonly PlannedRef[], outcomes: Outcomes): Promise<void> {
  if (changes.length === 0) return
  const done = [...outcomes.values()].some(({ outcome }) => isLanded(outcome))
  try {
    for (const [ref, outcome] of await transfer.apply(changes)) outcomes.set(ref, outcome)
  } catch (error) {
    if (!done) throw error
    for (const { ref } of changes) outcomes.set(ref, failed(Failure.from(error)))
  }
}

const HELD_BACK = kept('backup-refused', '`atomic` is set, and the old tip of another ref could not be stored as a backup')

const keptWaiting = (others: readonly RefName[]): ChangeOutcome =>
  kept('not-merged', `its commits would only be safe once ${others[0]} is updated, and that failed`)

async function storeBackups(transfer: Transfer, wanted: readonly PlannedBackup[], progress: Progress): Promise<void> {
  const missing = wanted.filter(({ present }) => !present)
  const stored = await storeAll(transfer, missing)
  for (const backup of wanted) {
    const { of, ref, tip } = backup
    const answer = stored.get(ref) ?? null
    const isStored = backup.present || isLanded(answer?.outcome)
    const outcome = backup.present ? 'present' : isStored ? 'stored' : 'refused'
    progress.backups.push({ ref, of, tip, outcome, reason: isStored ? null : (answer?.reason ?? 'the server did not answer') })
    if (isStored) progress.stored.add(ref)
    else progress.outcomes.set(of, withoutBackup(answer))
  }
}

/** A network fault or a lost race keeps its outcome, so that it is retried; anything else counts as a refusal. */
function withoutBackup(answer: ChangeOutcome | null): ChangeOutcome {
  if (answer !== null && (answer.outcome === 'failed' || answer.outcome === 'raced')) return answer
  return kept('backup-refused', `its old tip could not be stored as a backup: ${answer?.reason ?? 'the server did not answer'}`)
}

/** @throws Failure, unless the server only refuses the backups */
async function storeAll(transfer: Transfer, backups: readonly PlannedBackup[]): Promise<ReadonlyMap<RefName, ChangeOutcome>> {
  if (backups.length === 0) return new Map()
  try {
    return await transfer.applyMirroringRefs(backups.flatMap(({ ref, tip }) => changeOf(ref, null, tip)))
  } catch (error) {
    const failure = Failure.from(error)
    if (failure.fault !== 'remote') throw failure
    return new Map(backups.map(({ ref }) => [ref, { outcome: 'rejected', reason: failure.message, code: failure.kind }]))
  }
}

/** Removes expired backups. If one cannot be removed, the run does not fail. */
async function removeExpired(transfer: Transfer, expired: ReadonlyMap<RefName, Oid>, { backups }: Progress): Promise<void> {
  if (expired.size === 0) return
  const removals = [...expired].flatMap(([ref, tip]) => changeOf(ref, tip, null))
  const answer = await transfer.applyMirroringRefs(removals).catch((error: unknown) => Failure.from(error))
  for (const [ref, tip] of expired) {
    const one = answer instanceof Failure ? null : answer.get(ref)
    const isGone = one?.outcome === 'deleted' || one?.outcome === 'up-to-date'
    const reason = isGone ? null : answer instanceof Failure ? answer.message : (one?.reason ?? 'the server did not answer')
    backups.push({ ref, of: null, tip, outcome: isGone ? 'removed' : 'not-removed', reason })
  }
}
