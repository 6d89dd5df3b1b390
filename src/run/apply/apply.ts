import { type BackupPlan, type PlannedBackup, planBackups } from '../../plan/backups.ts'
import { sealerOf } from '../../plan/base.ts'
import { foldedNames } from '../../plan/folded-names.ts'
import type { PlannedRef } from '../../plan/plan.ts'
import { namesOf } from '../../refs/advertisement.ts'
import type { Oid, RefName } from '../../refs/ref.ts'
import { otherSide, type Side } from '../../remote/side.ts'
import { hintOn } from '../../report/advice.ts'
import { amountOf } from '../../report/lfs.ts'
import type { RefReport } from '../../report/report.ts'
import type { Direction } from '../../settings/direction.ts'
import type { Settings } from '../../settings/settings.ts'
import { RACED } from '../../transfer/push-outcome.ts'
import type { SidesContext } from '../../transfer/sides.ts'
import type { ChangeOutcome, Transfer } from '../../transfer/transfer.ts'
import { isImpossible } from '../../transfer/transfer-choice.ts'
import type { ChangeableSide, ComparedSides } from '../compare.ts'
import type { TwinWatch } from './aliases.ts'
import { applyWithBackups, type Progress, type StoredBackup } from './backups.ts'
import { emptyProgress, type LfsProgress, sendLfsObjects } from './lfs.ts'

/** The changes of one side, their backups, and their results so far. */
export interface SideUpdate extends Pick<ChangeableSide, 'side' | 'transfer'> {
  readonly changes: readonly PlannedRef[]
  /** Refs that another writer has changed since the run began; they are kept. */
  readonly raced: ReadonlySet<RefName>
  readonly backups: BackupPlan
  readonly progress: Progress
  readonly lfs: LfsProgress
}

/**
 * Plans the backups, and excludes refs that another writer has changed since the run began.
 * @param first the side's tips when the run first read them
 */
export function prepareUpdate(
  { side, transfer, relations }: ChangeableSide,
  { comparison, plan }: Pick<ComparedSides, 'comparison' | 'plan'>,
  first: ReadonlyMap<RefName, Oid>,
  now: Date,
  settings: Settings,
): SideUpdate {
  const { backup, backupDays: days, atomic } = settings
  const { refs, head, mirroringRefs, symbolicIsWhole } = comparison[side]
  const watch = symbolicIsWhole
    ? null
    : { tips: new Map(refs), head, mirroringRefs, sealer: sealerOf(settings), aliases: new Set<RefName>() }
  const update = updateWithout(transfer, side, plan, first, watch, namesOf(comparison[side]))
  const sides = { source: comparison[otherSide(side)], destination: comparison[side] }
  return { ...update, backups: planBackups({ changes: update.changes, ...sides, relations }, { backup, days, atomic, now }) }
}

const NO_BACKUPS: BackupPlan = { backups: new Map(), waiting: new Map(), fallback: new Map(), expired: new Map() }

/** The changes of one side, without backups. @param first the side's tips when the run first read them @param present its refs now */
export function updateWithout(
  transfer: Transfer,
  side: Side,
  plan: readonly PlannedRef[],
  first: ReadonlyMap<RefName, Oid>,
  watch: TwinWatch | null = null,
  present: readonly RefName[] = [],
): SideUpdate {
  const planned = plan.filter(entry => entry.side === side)
  const raced = racedRefs(planned, first)
  const changes = planned.filter(({ ref }) => !raced.has(ref))
  const folded = foldedNames(changes, present)
  const progress = { outcomes: new Map(), backups: [], stored: new Set<RefName>(), watch, folded }
  return { side, transfer, changes, raced, backups: NO_BACKUPS, progress, lfs: emptyProgress() }
}

/**
 * Changes one side after the other. A failed side does not prevent the next one.
 * @returns the errors
 * @throws Failure `relay-impossible` if nothing has been changed, and git may continue
 */
export async function applyUpdates(updates: readonly SideUpdate[], context: SidesContext, apply = applyUpdate): Promise<unknown[]> {
  const errors: unknown[] = []
  for (const update of updates) {
    await apply(update, context).catch((error: unknown) => {
      if (isImpossible(error) && context.settings.transfer === 'auto' && update === updates[0]) throw error
      errors.push(error)
    })
  }
  return errors
}

/** LFS objects, then backups, then the refs; a dry run only notes what it would do. @throws Failure if nothing could be sent */
async function applyUpdate(update: SideUpdate, context: SidesContext): Promise<void> {
  const { transfer, changes, backups, progress } = update
  const { settings } = context
  const lfsUpdate = { ...update, outcomes: progress.outcomes }
  await sendLfsObjects(lfsUpdate, changes, context)
  if (settings.dryRun) {
    progress.backups.push(...plannedBackups(backups))
    return
  }
  const going = changes.filter(({ ref }) => !progress.outcomes.has(ref))
  await applyWithBackups(transfer, going, backupsFor(going, backups), settings, progress)
  // Refs that are tried again need the history that is there already.
  if ([...progress.outcomes.values()].every(({ outcome }) => outcome !== 'failed' && outcome !== 'raced')) await transfer.removeSteps()
  const refused = update.lfs.isDone || settings.lfs !== 'auto' ? [] : refusedForLfs(going, progress.outcomes, settings)
  if (refused.length === 0) return
  context.host.info(
    'the destination reports missing LFS objects, although no `.gitattributes` at the root uses LFS: looking for them, then pushing these refs again',
  )
  for (const { ref } of refused) progress.outcomes.delete(ref)
  await sendLfsObjects(lfsUpdate, refused, context, true)
  const again = refused.filter(({ ref }) => !progress.outcomes.has(ref))
  // Their backups are stored already.
  await applyWithBackups(transfer, again, { ...backups, backups: new Map(), expired: new Map() }, settings, progress)
}

/** Refs that the destination refused because it lacks LFS objects; with `atomic` all refs, as none was changed without the others. */
function refusedForLfs(changes: readonly PlannedRef[], outcomes: ReadonlyMap<RefName, ChangeOutcome>, { atomic }: Settings) {
  const lacksLfs = (answer: ChangeOutcome | undefined) => answer?.outcome === 'rejected' && answer.code === 'lfs-objects-required'
  const refused = changes.filter(({ ref }) => lacksLfs(outcomes.get(ref)))
  return atomic && refused.length > 0 ? changes : refused
}

/** The backups of refs that are still to be changed. */
function backupsFor(changes: readonly PlannedRef[], plan: BackupPlan): BackupPlan {
  const refs = new Set(changes.map(({ ref }) => ref))
  return { ...plan, backups: new Map([...plan.backups].filter(([ref]) => refs.has(ref))) }
}

/** A run does not overwrite or delete a tip that another writer pushed while the run was in progress. */
function racedRefs(planned: readonly PlannedRef[], first: ReadonlyMap<RefName, Oid>): Set<RefName> {
  const removing = planned.filter(({ action }) => action === 'force' || action === 'delete')
  return new Set(removing.flatMap(({ ref, before }) => ((first.get(ref) ?? null) === before ? [] : [ref])))
}

const OVERTAKEN = { ...RACED, reason: 'another writer changed the ref at the destination during the run, so its new tip is kept' }

/** The report of a ref. @param updates of the sides that were, or were to be, changed */
export function reportRef(planned: PlannedRef, updates: readonly SideUpdate[], direction: Direction): RefReport {
  const { ref, action, before, after, side } = planned
  const update = updates.find(each => each.side === side)
  const outcome = update?.progress.outcomes.get(ref) ?? (update?.raced.has(ref) ? OVERTAKEN : null)
  const became = outcome?.outcome ?? (action === 'none' ? 'up-to-date' : action === 'keep' ? 'kept' : 'skipped')
  const code = outcome?.code ?? planned.code
  const reason = outcome?.reason ?? planned.reason
  const hint = outcome?.hint ?? hintOn(code, ref, direction)
  const needs = update?.lfs.needs?.get(ref)
  const report = { ref, action, outcome: became, before, after, reason, code, hint, side, lfs: needs && amountOf(needs.values()) }
  return update === undefined ? report : withBackup(report, backupOf(ref, update), update.progress)
}

/** The fallback backup exists only if none of the refs it depended on landed. */
function backupOf(ref: RefName, { backups, progress }: SideUpdate): PlannedBackup | undefined {
  const fallback = backups.fallback.get(ref)
  return backups.backups.get(ref) ?? (fallback && progress.stored.has(fallback.ref) ? fallback : undefined)
}

/** Adds the name of the backup to the reason. */
function withBackup(report: RefReport, backup: PlannedBackup | undefined, { stored }: Progress): RefReport {
  if (backup === undefined || !['forced', 'deleted', 'skipped'].includes(report.outcome)) return report
  const isThere = report.outcome !== 'skipped' || backup.present || stored.has(backup.ref)
  return { ...report, reason: `${report.reason}; its old tip ${isThere ? 'is' : 'would be'} stored as ${backup.ref}` }
}

/** The backups in the report of a dry run. */
function plannedBackups({ backups, expired }: BackupPlan): StoredBackup[] {
  const stored = [...backups.values()].map(
    ({ ref, of, tip, present }) => ({ ref, of, tip, outcome: present ? 'present' : 'to-store' }) as const,
  )
  const removed = [...expired].map(([ref, tip]) => ({ ref, of: null, tip, outcome: 'to-remove' }) as const)
  return [...stored, ...removed].map(backup => ({ ...backup, reason: null }))
}

/** The longest wait that the server requested with any ref. */
export const longestWait = ({ progress }: SideUpdate): number =>
  [...progress.outcomes.values()].reduce((longest, { retryAfterMs }) => Math.max(longest, retryAfterMs ?? 0), 0)
