import { KINDS, type Kind } from '../../errors/kinds.ts'
import { type BackupPlan, type PlannedBackup, planBackups } from '../../plan/backups.ts'
import { changesOf, type PlannedRef, type Relation } from '../../plan/plan.ts'
import type { Advertisement } from '../../refs/advertisement.ts'
import type { Oid, RefName } from '../../refs/ref.ts'
import { otherSide, type Side } from '../../remote/side.ts'
import { amountOf } from '../../report/lfs.ts'
import type { RefReport } from '../../report/report.ts'
import type { Settings } from '../../settings/settings.ts'
import type { SidesContext } from '../../transfer/sides.ts'
import type { ChangeOutcome, Transfer } from '../../transfer/transfer.ts'
import { applyWithBackups, type Progress, type StoredBackup } from './backups.ts'
import { emptyProgress, type LfsProgress, sendLfsObjects } from './lfs.ts'

/** One direction of an attempt: the changes of one side, what must be stored before, and what became of them so far. */
export interface Leg {
  /** The side that is changed. */
  readonly side: Side
  readonly transfer: Transfer
  readonly changes: readonly PlannedRef[]
  /** Refs that are left to whoever changed them since the run began. */
  readonly spared: ReadonlySet<RefName>
  readonly backups: BackupPlan
  readonly progress: Progress
  readonly lfs: LfsProgress
}

export interface LegInput {
  readonly side: Side
  readonly here: Advertisement
  readonly there: Advertisement
  /** All refs of the side that is changed. */
  readonly plan: readonly PlannedRef[]
  /** Of what is deleted: whether the other side's default branch contains it. */
  readonly relations: ReadonlyMap<RefName, Relation>
  readonly transfer: Transfer
  /** The tips of the side that is changed when the run first read them. */
  readonly first: ReadonlyMap<RefName, Oid>
  readonly now: Date
}

/** Plans the backups, and leaves alone what somebody else has changed meanwhile. */
export function prepareLeg(input: LegInput, { backup, backupDays: days, atomic }: Settings): Leg {
  const { side, plan, transfer, relations, now } = input
  const spared = sparedRefs(plan, input.first)
  const changes = changesOf(plan).filter(({ ref }) => !spared.has(ref))
  const sides = { source: input[otherSide(side)], destination: input[side] }
  const backups = planBackups({ changes, ...sides, relations }, { backup, days, atomic, now })
  const progress = { outcomes: new Map(), backups: [], stored: new Set<RefName>() }
  return { side, transfer, changes, spared, backups, progress, lfs: emptyProgress() }
}

/** Makes the changes, LFS objects first, or tells what it would do. @throws Failure when nothing could be sent at all */
export async function carryOut(leg: Leg, context: SidesContext): Promise<void> {
  const { transfer, changes, backups, progress } = leg
  const { settings } = context
  const lfsLeg = { ...leg, outcomes: progress.outcomes }
  await sendLfsObjects(lfsLeg, changes, context)
  if (settings.dryRun) {
    progress.backups.push(...plannedBackups(backups))
    return
  }
  const going = changes.filter(({ ref }) => !progress.outcomes.has(ref))
  await applyWithBackups(transfer, going, backupsFor(going, backups), settings, progress)
  const refused = leg.lfs.isDone || settings.lfs !== 'auto' ? [] : refusedForLfs(going, progress.outcomes, settings)
  if (refused.length === 0) return
  context.host.info(
    'the destination lacks LFS objects, of which the roots of the source say nothing: they are looked for, and the refs pushed once more',
  )
  for (const { ref } of refused) progress.outcomes.delete(ref)
  await sendLfsObjects(lfsLeg, refused, context, true)
  const again = refused.filter(({ ref }) => !progress.outcomes.has(ref))
  // What they needed by way of backups is there.
  await applyWithBackups(transfer, again, { ...backups, backups: new Map(), expired: new Map() }, settings, progress)
}

/** Refs that the destination refused as it lacks LFS objects; with `atomic` all, as none has gone without the others. */
function refusedForLfs(
  changes: readonly PlannedRef[],
  outcomes: ReadonlyMap<RefName, ChangeOutcome>,
  { atomic }: Settings,
): readonly PlannedRef[] {
  const refused = changes.filter(({ ref }) => lacksLfs(outcomes.get(ref)))
  return atomic && refused.length > 0 ? changes : refused
}

const lacksLfs = (outcome: ChangeOutcome | undefined): boolean => outcome?.outcome === 'rejected' && outcome.code === LFS_LACKING

/** Only those of refs that are still to be changed. */
function backupsFor(changes: readonly PlannedRef[], plan: BackupPlan): BackupPlan {
  const refs = new Set(changes.map(({ ref }) => ref))
  return { ...plan, backups: new Map([...plan.backups].filter(([ref]) => refs.has(ref))) }
}

/** Said by a destination that looks for them itself. */
const LFS_LACKING: Kind = 'lfs-objects-required'

/** What somebody else has put there while this run was under way is not taken away again by the same run. */
function sparedRefs(plan: readonly PlannedRef[], first: ReadonlyMap<RefName, Oid>): Set<RefName> {
  const taken = plan.filter(({ ref, action, before }) => (action === 'force' || action === 'delete') && (first.get(ref) ?? null) !== before)
  return new Set(taken.map(({ ref }) => ref))
}

const RACED: ChangeOutcome = {
  outcome: 'raced',
  reason: 'somebody else changed the ref at the destination during the run; what they put there diverges from the source',
  code: 'raced',
}

/** What became of a ref. @param leg that changes it, or was to; null where the plan leaves it alone on both sides */
export function reportRef(planned: PlannedRef, leg: Leg | null): RefReport {
  const { ref, action, before, after } = planned
  const outcome = leg === null ? null : (leg.progress.outcomes.get(ref) ?? (leg.spared.has(ref) ? RACED : null))
  const became = outcome?.outcome ?? (action === 'none' ? 'up-to-date' : action === 'keep' ? 'kept' : 'skipped')
  const code = outcome?.code ?? planned.code
  const side = action === 'none' || action === 'keep' ? null : (leg?.side ?? null)
  const hint = outcome?.hint ?? (code === null ? null : KINDS[code].hint)
  const needs = leg?.lfs.needs?.get(ref)
  const report = {
    ...{ ref, action, outcome: became, before, after, reason: outcome?.reason ?? planned.reason, code, hint, side },
    ...(needs !== undefined && { lfs: amountOf(needs.values()) }),
  }
  return leg === null ? report : withBackup(report, backupOf(ref, leg), leg.progress)
}

/** One that waits is stored only where it waited in vain. */
function backupOf(ref: RefName, { backups, progress }: Leg): PlannedBackup | undefined {
  const spare = backups.spare.get(ref)
  return backups.backups.get(ref) ?? (spare && progress.stored.has(spare.ref) ? spare : undefined)
}

/** A ref whose old tip is kept says where. */
function withBackup(report: RefReport, backup: PlannedBackup | undefined, { stored }: Progress): RefReport {
  if (backup === undefined || !['forced', 'deleted', 'skipped'].includes(report.outcome)) return report
  const isThere = report.outcome !== 'skipped' || backup.present || stored.has(backup.ref)
  return { ...report, reason: `${report.reason}; its old tip ${isThere ? 'is' : 'would be'} stored as ${backup.ref}` }
}

/** What a dry run tells of them. */
const plannedBackups = ({ backups, expired }: BackupPlan): StoredBackup[] => [
  ...[...backups.values()].map(
    ({ ref, of, tip, present }): StoredBackup => ({ ref, of, tip, outcome: present ? 'present' : 'to-store', reason: null }),
  ),
  ...[...expired].map(([ref, tip]): StoredBackup => ({ ref, of: null, tip, outcome: 'to-remove', reason: null })),
]

/** What a server asks us to wait, of all that it refused for now. */
export const longestWait = ({ progress }: Leg): number =>
  [...progress.outcomes.values()].reduce((longest, { retryAfterMs = 0 }) => Math.max(longest, retryAfterMs), 0)
