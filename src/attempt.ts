import { openSession } from './credentials/session.ts'
import { KINDS } from './errors/kinds.ts'
import { Failure } from './failure.ts'
import type { Host } from './host/host.ts'
import { type BackupPlan, planBackups } from './plan/backups.ts'
import { type Compared, changesOf, compareSides, type PlannedRef, pairsToRelate, planChanges, tipsToFetch } from './plan/plan.ts'
import { checkDeletions, checkSides, needsKinship, refuseUnrelated } from './plan/safeguards.ts'
import { type Advertisement, leftAlone } from './refs/advertisement.ts'
import { type NarrowedSelection, narrowSelection } from './refs/narrowing.ts'
import type { Oid, RefName } from './refs/ref.ts'
import { checkSelection, unmatchedPatterns } from './refs/select.ts'
import { escapeServerText, oneLine } from './report/escape.ts'
import type { BackupReport, RefReport } from './report/outcome.ts'
import { showCount } from './report/quantity.ts'
import { rolesOf } from './settings/direction.ts'
import type { Settings } from './settings/settings.ts'
import { isImpossible, withTransfer } from './transfer/choice.ts'
import type { Sides, SidesContext, TransferSurroundings } from './transfer/sides.ts'
import type { ChangeOutcome, Transfer } from './transfer/transfer.ts'
import { applyWithBackups, type Progress } from './transfer/with-backups.ts'

/** What one attempt came to. */
export interface Attempt {
  readonly refs: readonly RefReport[]
  /** Refs that this attempt left to whoever changed them since the run began; another attempt would leave them, too. */
  readonly spared: ReadonlySet<string>
  readonly backups: readonly BackupReport[]
  readonly transfer: Transfer['name'] | null
  readonly bytes: number
  readonly notices: readonly string[]
  readonly failure: Failure | null
  /** How long a server asked us to wait before another attempt; 0 where none did. */
  readonly retryAfterMs: number
}

/** What a run remembers from one attempt to the next. */
export interface Memory {
  /** The destination's tips when the run first read them; null before that. */
  first: ReadonlyMap<RefName, Oid> | null
}

interface Context extends SidesContext {
  readonly memory: Memory
  /** Being found out while both sides are read. */
  readonly selection: Promise<NarrowedSelection>
}

/** Reads both sides, plans, changes the destination. Never throws: what went wrong is the attempt's `failure`. */
export async function attemptMirror(settings: Settings, host: Host, surroundings: TransferSurroundings, memory: Memory): Promise<Attempt> {
  const session = openSession(settings, host, surroundings)
  const ending = new AbortController()
  try {
    return await attempt(settings, {
      settings,
      host,
      surroundings,
      session,
      memory,
      selection: startNarrowing(settings, host, surroundings, ending.signal),
    })
  } catch (error) {
    return { ...NOTHING, ...failedBy(told(error, host)) }
  } finally {
    ending.abort()
    // What is done is done: files that stay behind must not turn it into a failure. The post step tries again.
    await session.dispose().catch((error: unknown) => host.info(`the private directory could not be removed: ${String(error)}`))
  }
}

function startNarrowing(
  settings: Settings,
  host: Host,
  { environment }: TransferSurroundings,
  signal: AbortSignal,
): Promise<NarrowedSelection> {
  const debug = (message: string) => host.debug(escapeServerText(`here: ${host.hide(message)}`))
  const selection = narrowSelection(settings, { environment, hide: host.hide, debug, signal })
  // Who waits for it is told; a side that fails first ends the attempt before.
  selection.catch(() => {})
  return selection
}

/** What nobody foresaw also tells where it came from, to those who asked for debug logging. */
function told(error: unknown, host: Host): Failure {
  if (!(error instanceof Failure) && error instanceof Error) host.debug(escapeServerText(error.stack ?? ''))
  return Failure.from(error)
}

const NOTHING: Attempt = { refs: [], spared: new Set(), backups: [], transfer: null, bytes: 0, notices: [], failure: null, retryAfterMs: 0 }

const failedBy = (failure: Failure) => ({ failure, retryAfterMs: failure.retryAfterMs ?? 0 })

/** Over whichever transfer can do it; where that is not the one that was to be taken first, the notice says why. */
async function attempt(settings: Settings, context: Context): Promise<Attempt> {
  const { result, fallback } = await withTransfer(context, sides => attemptOver(sides, settings, context))
  return fallback === null ? result : { ...result, notices: [`git moves the objects, as ${fallback}`, ...result.notices] }
}

async function attemptOver(
  sides: Sides,
  settings: Settings,
  { host, memory, surroundings, selection: narrowed }: Context,
): Promise<Attempt> {
  const { source, destination } = sides
  memory.first ??= destination.refs
  const { selection, notices: narrowing } = await narrowed
  checkSides(source, destination, rolesOf(settings.direction).source)
  checkSelection(selection, [source, destination])
  const { keepDivergent, prune } = settings
  const comparison = compareSides({ source, destination, selection, policy: { keepDivergent, prune } })
  const pairs = pairsToRelate(comparison)
  const transfer = sides.transfer(tipsToFetch(comparison, pairs))
  const relations = await transfer.relate(pairs)
  const plan = planChanges(comparison, relations)
  const spared = sparedRefs(plan, memory.first)
  const changes = changesOf(plan).filter(({ ref }) => !spared.has(ref))
  const { backup, backupDays: days, atomic } = settings
  const backups = planBackups({ changes, source, destination, relations }, { backup, days, atomic, now: surroundings.now() })
  const progress: Progress = { outcomes: new Map(), backups: [] }
  host.debug(`${pairs.length} relations asked, ${changesOf(plan).length} changes planned, ${spared.size} left to somebody else`)
  const notices = [...narrowing, ...unmatchedPatterns(selection, [source, destination]), ...leftAlone(source, destination)]
  const report = (outcomes: ReadonlyMap<RefName, ChangeOutcome>) => [
    ...plan.map(planned =>
      withBackup(reportRef(planned, outcomes.get(planned.ref) ?? (spared.has(planned.ref) ? RACED : null)), planned, backups),
    ),
    ...unusableRefs(source),
  ]
  const result = { ...NOTHING, spared, notices }
  try {
    await checkPlan(settings, comparison, plan, transfer)
    if (settings.dryRun) progress.backups.push(...plannedBackups(backups))
    else await applyWithBackups(transfer, changes, backups, settings, progress)
    const { outcomes } = progress
    return {
      ...result,
      backups: progress.backups,
      notices: [...notices, ...backupNotices(progress.backups, settings)],
      refs: report(outcomes),
      transfer: outcomes.size > 0 ? transfer.name : null,
      bytes: await transfer.bytes(),
      retryAfterMs: [...outcomes.values()].reduce((longest, { retryAfterMs = 0 }) => Math.max(longest, retryAfterMs), 0),
    }
  } catch (error) {
    if (isImpossible(error) && settings.transfer === 'auto' && progress.backups.length === 0) throw error
    // What was planned is worth seeing just when it was refused.
    return {
      ...result,
      refs: report(progress.outcomes),
      backups: progress.backups,
      bytes: await transfer.bytes(),
      ...failedBy(told(error, host)),
    }
  }
}

/** @throws Failure when the plan as a whole must not be carried out */
async function checkPlan(settings: Settings, comparison: Compared, plan: readonly PlannedRef[], transfer: Transfer): Promise<void> {
  const side = rolesOf(settings.direction).destination
  checkDeletions(plan, settings.maxDeletions, side)
  if (settings.allowUnrelated || !needsKinship(comparison, plan)) return
  const { source, destination } = comparison
  const related = await transfer.sharesHistory([...source.refs.values()], [...destination.refs.values()])
  if (!related) refuseUnrelated(destination, side)
}

/** What somebody else has put there while this run was under way is not taken away again by the same run. */
function sparedRefs(plan: readonly PlannedRef[], first: ReadonlyMap<RefName, Oid>): Set<string> {
  const taken = plan.filter(({ ref, action, before }) => (action === 'force' || action === 'delete') && (first.get(ref) ?? null) !== before)
  return new Set(taken.map(({ ref }) => ref))
}

const RACED: ChangeOutcome = {
  outcome: 'raced',
  reason: 'somebody else changed the ref at the destination during the run; what they put there diverges from the source',
  code: 'raced',
}

function reportRef({ ref, action, before, after, reason, code }: PlannedRef, outcome: ChangeOutcome | null): RefReport {
  const became = outcome?.outcome ?? (action === 'none' ? 'up-to-date' : action === 'keep' ? 'kept' : 'skipped')
  const why = outcome?.code ?? code
  return {
    ref,
    action,
    outcome: became,
    before,
    after,
    reason: outcome?.reason ?? reason,
    code: why,
    hint: outcome?.hint ?? (why === null ? null : KINDS[why].hint),
  }
}

/** A ref whose old tip is kept says where. */
function withBackup(report: RefReport, { ref }: PlannedRef, { backups }: BackupPlan): RefReport {
  const backup = backups.get(ref)
  if (backup === undefined || !['forced', 'deleted', 'skipped'].includes(report.outcome)) return report
  const words = report.outcome === 'skipped' && !backup.present ? 'its old tip would be stored as' : 'its old tip is stored as'
  return { ...report, reason: `${report.reason}; ${words} ${backup.ref}` }
}

/** What a dry run tells of them. */
const plannedBackups = ({ backups, expired }: BackupPlan): BackupReport[] => [
  ...[...backups.values()].map(
    ({ ref, of, tip, present }): BackupReport => ({ ref, of, tip, outcome: present ? 'present' : 'to-store', reason: null }),
  ),
  ...[...expired].map(([ref, tip]): BackupReport => ({ ref, of: null, tip, outcome: 'to-remove', reason: null })),
]

function backupNotices(backups: readonly BackupReport[], { backupDays }: Settings): string[] {
  const count = (outcome: BackupReport['outcome']) => backups.filter(backup => backup.outcome === outcome).length
  const old = (refs: number) => `${showCount(refs, 'backup')} older than ${showCount(backupDays, 'day')}`
  const why = oneLine(backups.find(({ outcome }) => outcome === 'not-removed')?.reason ?? '')
  return [
    ...(count('removed') > 0 ? [`${old(count('removed'))} removed at the destination`] : []),
    ...(count('to-remove') > 0 ? [`${old(count('to-remove'))} would be removed at the destination`] : []),
    ...(count('not-removed') > 0 ? [`${old(count('not-removed'))} could not be removed: ${why}`] : []),
  ]
}

const unusableRefs = ({ unusable }: Advertisement): RefReport[] =>
  unusable.map(({ name, reason }) => ({
    ref: name,
    action: 'none',
    outcome: 'skipped',
    before: null,
    after: null,
    reason,
    code: 'name-unusable',
    hint: KINDS['name-unusable'].hint,
  }))
