import { Failure } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import { debugTo } from '../host/server-text.ts'
import { isLanded } from '../plan/outcome.ts'
import type { Decision, PlannedRef } from '../plan/plan.ts'
import { checkDeletions, mayBeUnrelated, refuseUnrelated } from '../plan/safeguards.ts'
import { movedSymbolic, type SideNow } from '../plan/symbolic.ts'
import { verdictOn } from '../plan/verification.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import { otherSide, type PerSide, type Side } from '../remote/side.ts'
import { hintOn } from '../report/advice.ts'
import { sumLfs } from '../report/lfs.ts'
import type { BackupReport, RefReport, Report } from '../report/report.ts'
import { rolesOf } from '../settings/direction.ts'
import type { Settings } from '../settings/settings.ts'
import { oneLine } from '../text/escape.ts'
import { showCount } from '../text/quantity.ts'
import { type FirstTips, joined, type Sides, type SidesContext } from '../transfer/sides.ts'
import { isImpossible } from '../transfer/transfer-choice.ts'
import { putBackTwins } from './apply/aliases.ts'
import { applyUpdates, longestWait, prepareUpdate, reportRef, type SideUpdate } from './apply/apply.ts'
import { writeBase } from './apply/base.ts'
import { type ComparedSides, compare, protectReserved } from './compare.ts'
import { type DamageMemory, withoutDamage } from './damage.ts'
import { followDefaultBranch } from './default-branch.ts'
import { planPurges, purgeSide } from './purge.ts'
import type { NarrowedSelection } from './selection.ts'

export interface Attempt extends Pick<Report, 'refs' | 'backups' | 'lfs' | 'transfer' | 'bytes' | 'notices'> {
  /** Refs that were kept because another writer changed them since the run began; a retry would keep them as well. */
  readonly raced: ReadonlySet<string>
  readonly failure: Failure | null
  /** The longest wait that a server requested before a retry. */
  readonly retryAfterMs: number
}

/** The knowledge that an attempt leaves to the next one of the run. */
export interface RunMemory extends FirstTips {
  readonly damage: DamageMemory
}

export interface AttemptContext extends SidesContext {
  readonly memory: RunMemory
  /** Determined while both sides are read. */
  readonly selection: Promise<NarrowedSelection>
  readonly beforeChanges?: BeforeChanges | undefined
}

export type AttemptOptions = Pick<AttemptContext, 'openTransport' | 'beforeChanges'>

/** Called when both sides have been read: a failure ends the run before anything is changed. */
export type BeforeChanges = (sides: Sides) => Promise<Failure | null>

/** Any error as a Failure. The stack of an unexpected one goes to the debug log. */
export function failureFrom(error: unknown, host: Host): Failure {
  if (!(error instanceof Failure) && error instanceof Error) debugTo(host)(error.stack ?? '')
  return Failure.from(error)
}

export const NOTHING: Attempt = {
  refs: [],
  raced: new Set(),
  backups: [],
  lfs: null,
  transfer: null,
  bytes: 0,
  notices: [],
  failure: null,
  retryAfterMs: 0,
}

/**
 * Compares both sides, plans, and makes the changes; a verification only reports the differences.
 * @param heals whether it first puts back what a run that was killed has moved by accident
 * @returns null if it did, so that both sides have to be read again
 * @throws Failure if nothing was planned yet
 */
export async function attemptOver(opened: Sides, context: AttemptContext, heals: boolean): Promise<Attempt | null> {
  const { settings, host, memory, runtime, beforeChanges } = context
  const sides = withoutDamage(opened, memory.damage)
  const { here, there } = opened
  const stopped = await beforeChanges?.(opened)
  if (stopped) throw stopped
  if (settings.operation === 'purge-backups') {
    const purge = planPurges(opened, settings, memory, await context.selection)
    return await conclude(purge, purge.updates, async () => throwAll(await applyUpdates(purge.updates, context, purgeSide)), context)
  }
  if (heals && (await putBackTwins(opened, settings))) return null
  memory.here ??= here.refs
  memory.there ??= there.refs
  const compared = await compare(sides, settings, await context.selection, memory)
  if (settings.operation === 'verify') return await reportDifferences(compared, settings)
  const { comparison, changeable } = compared
  const to = (side: Side) => changeable.find(each => each.side === side)?.transfer
  const [toHere, toThere] = [to('here'), to('there')]
  const planned = { ...compared, plan: await protectReserved(compared.plan, settings, toHere) }
  const { plan } = planned
  const updates = changeable.map(changed => {
    const first = memory[changed.side] ?? opened[changed.side].refs
    return prepareUpdate(changed, { comparison, plan }, first, runtime.now(), settings)
  })
  host.debug(`${showCount(plan.length, 'ref')} compared, ${updates.reduce((sum, { changes }) => sum + changes.length, 0)} changes to make`)
  const work = async () => {
    await checkPlan(planned, settings)
    const errors = await applyUpdates(updates, context)
    if (toHere !== undefined && toThere !== undefined && !settings.dryRun) {
      const written = writeBase(comparison, landed(plan, updates), { here: toHere, there: toThere }, settings)
      await written.catch((error: unknown) => errors.push(error))
    }
    throwAll(errors)
  }
  const attempted = await conclude(planned, updates, work, context)
  const done = settings.dryRun ? plan.filter(({ side }) => side !== null) : landedChanges(plan, updates)
  const followed = attempted.failure === null ? await followDefaultBranch(opened, comparison, done, context) : []
  return {
    ...attempted,
    notices: [...attempted.notices, ...followed],
    refs: withMoved(attempted.refs, movedSymbolic(plan, comparison, sidesNow(plan, updates)), settings),
  }
}

/** Replaces what was planned for symbolic refs whose targets the run moved. */
const withMoved = (refs: readonly RefReport[], moved: ReadonlyMap<string, Decision>, { direction }: Settings): readonly RefReport[] =>
  refs.map(report => {
    const decision = moved.get(report.ref)
    if (decision === undefined) return report
    const outcome = decision.action === 'none' ? 'up-to-date' : 'kept'
    return { ...report, ...decision, outcome, hint: hintOn(decision.code, report.ref, direction) }
  })

function throwAll(errors: readonly unknown[]): void {
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : joined(errors.map(Failure.from))
}

async function reportDifferences({ plan, changeable, unusable, notices }: ComparedSides, settings: Settings): Promise<Attempt> {
  const reserved = rolesOf(settings.direction).destination === 'here' ? settings.reserved : null
  const refs = plan.map((planned): RefReport => {
    const { ref, action, before, after, side } = planned
    const verdict = verdictOn(planned, reserved)
    return { ref, action, before, after, side, ...verdict, hint: hintOn(verdict.code, ref, settings.direction) }
  })
  return { ...NOTHING, refs: [...refs, ...unusable], bytes: await bytesOf(changeable), notices }
}

async function bytesOf(changeable: readonly Pick<SideUpdate, 'transfer'>[]): Promise<number> {
  const bytes = await Promise.all(changeable.map(({ transfer }) => transfer.bytes()))
  return bytes.reduce((sum, count) => sum + count, 0)
}

/** @throws Failure if the plan as a whole must not be carried out */
async function checkPlan({ plan, comparison, changeable }: ComparedSides, { maxDeletions, allowUnrelated }: Settings): Promise<void> {
  for (const { side } of changeable) checkDeletions(plan, maxDeletions, side, comparison[side])
  const [first] = changeable
  if (first === undefined || allowUnrelated || !mayBeUnrelated(comparison, plan)) return
  const [ours, theirs] = [comparison[otherSide(first.side)], comparison[first.side]]
  if (await first.transfer.haveUnrelatedHistories([...ours.refs.values()], [...theirs.refs.values()])) refuseUnrelated(theirs, first.side)
}

/** The planned changes that were made. */
const landedChanges = (plan: readonly PlannedRef[], updates: readonly SideUpdate[]): readonly PlannedRef[] =>
  plan.filter(({ side, ref }) => isLanded(updates.find(update => update.side === side)?.progress.outcomes.get(ref)?.outcome))

/** Refs that were changed on one side, and are equal on both now; null = absent on both. */
const landed = (plan: readonly PlannedRef[], updates: readonly SideUpdate[]): Map<RefName, Oid | null> =>
  new Map(landedChanges(plan, updates).map(({ ref, after }) => [ref, after]))

/** The results of the run at both sides. */
function sidesNow(plan: readonly PlannedRef[], updates: readonly SideUpdate[]): PerSide<SideNow> {
  const changes = landedChanges(plan, updates)
  const of = (side: Side): SideNow => {
    const watch = updates.find(update => update.side === side)?.progress.watch
    return {
      changed: new Map(changes.flatMap(change => (change.side === side ? [[change.ref, change.after]] : []))),
      aliases: new Map([...(watch?.aliases ?? [])].map(ref => [ref, watch?.tips.get(ref) ?? null])),
    }
  }
  return { here: of('here'), there: of('there') }
}

/**
 * Carries out the plan, and reports the results. A failure in between does not hide the plan.
 * @throws Failure `relay-impossible` if nothing has been changed and git may continue
 */
async function conclude(
  { plan, unusable, notices }: Pick<ComparedSides, 'plan' | 'unusable' | 'notices'>,
  updates: readonly SideUpdate[],
  work: () => Promise<void>,
  { settings, host }: AttemptContext,
): Promise<Attempt> {
  let failure: Failure | null = null
  try {
    await work()
  } catch (error) {
    const isUntouched = updates.every(({ progress }) => progress.backups.length === 0 && progress.outcomes.size === 0)
    if (isImpossible(error) && settings.transfer === 'auto' && isUntouched) throw error
    failure = failureFrom(error, host)
  }
  const backups = updates.flatMap(({ side, progress }) => progress.backups.map(backup => ({ ...backup, side })))
  const moved = updates.find(({ progress }) => progress.outcomes.size > 0)
  return {
    refs: [...plan.map(planned => reportRef(planned, updates, settings.direction)), ...unusable],
    raced: new Set(updates.flatMap(({ raced }) => [...raced])),
    backups,
    lfs: sumLfs(updates.map(({ lfs }) => lfs.report)),
    transfer: moved?.transfer.name ?? null,
    bytes: await bytesOf(updates),
    notices: [...notices, ...updates.flatMap(({ lfs }) => lfs.notices), ...backupNotices(backups, settings)],
    failure,
    retryAfterMs: Math.max(failure?.retryAfterMs ?? 0, ...updates.map(longestWait)),
  }
}

function backupNotices(backups: readonly BackupReport[], { backupDays, direction }: Settings): string[] {
  const where = direction === 'bidirectional' ? '' : ' at the destination'
  const count = (outcome: BackupReport['outcome']) => backups.filter(backup => backup.outcome === outcome).length
  const old = (refs: number) => `${showCount(refs, 'backup')} older than ${showCount(backupDays, 'day')}`
  const why = oneLine(backups.find(({ outcome }) => outcome === 'not-removed')?.reason ?? '')
  return [
    ...(count('removed') > 0 ? [`${old(count('removed'))} removed${where}`] : []),
    ...(count('to-remove') > 0 ? [`${old(count('to-remove'))} would be removed${where}`] : []),
    ...(count('not-removed') > 0 ? [`${old(count('not-removed'))} could not be removed: ${why}`] : []),
  ]
}
