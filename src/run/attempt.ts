import { Failure } from '../errors/failure.ts'
import { KINDS } from '../errors/kinds.ts'
import type { Host } from '../host/host.ts'
import type { Advertisement } from '../refs/advertisement.ts'
import type { Oid, RefName } from '../refs/ref.ts'
import type { Side } from '../remote/side.ts'
import { type LfsReport, sumLfs } from '../report/lfs.ts'
import type { BackupReport, RefReport } from '../report/report.ts'
import { openSession } from '../session/session.ts'
import type { Settings } from '../settings/settings.ts'
import { awaitedLater } from '../tasks/later.ts'
import { escapeServerText, oneLine } from '../text/escape.ts'
import { showCount } from '../text/quantity.ts'
import { isImpossible, withTransfer } from '../transfer/choice.ts'
import type { Sides, SidesContext, TransferSurroundings } from '../transfer/sides.ts'
import type { Transfer } from '../transfer/transfer.ts'
import { type Leg, longestWait } from './apply/apply.ts'
import { type NarrowedSelection, narrowSelection } from './selection.ts'

/** What one attempt came to. */
export interface Attempt {
  readonly refs: readonly RefReport[]
  /** Refs that this attempt left to whoever changed them since the run began; another attempt would leave them, too. */
  readonly spared: ReadonlySet<string>
  readonly backups: readonly BackupReport[]
  readonly lfs: LfsReport | null
  readonly transfer: Transfer['name'] | null
  readonly bytes: number
  readonly notices: readonly string[]
  readonly failure: Failure | null
  /** How long a server asked us to wait before another attempt; 0 where none did. */
  readonly retryAfterMs: number
}

/** What a run remembers from one attempt to the next: each side's tips when the run first read them; null before that. */
export type FirstTips = Record<Side, ReadonlyMap<RefName, Oid> | null>

/** What an attempt is made with. */
export interface AttemptContext extends SidesContext {
  readonly memory: FirstTips
  /** Being found out while both sides are read. */
  readonly selection: Promise<NarrowedSelection>
}

/** Compares both sides, plans, and changes what is to be changed. @throws Failure where nothing was planned yet */
export type Work = (sides: Sides, context: AttemptContext) => Promise<Attempt>

/** Opens both sides, over whichever transfer can do it, and does the work. Never throws: what went wrong is the attempt's `failure`. */
export async function attemptWork(
  work: Work,
  settings: Settings,
  host: Host,
  surroundings: TransferSurroundings,
  memory: FirstTips,
): Promise<Attempt> {
  const session = openSession(settings, host, surroundings)
  const ending = new AbortController()
  const selection = startNarrowing(settings, host, surroundings, ending.signal)
  const context = { settings, host, surroundings, session, memory, selection }
  try {
    const { result, fallback } = await withTransfer(context, sides => work(sides, context))
    // Where that is not the transfer that was to be taken first, the notice says why.
    return fallback === null ? result : { ...result, notices: [`git moves the objects, as ${fallback}`, ...result.notices] }
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
  { environment, signal: limit }: TransferSurroundings,
  ended: AbortSignal,
): Promise<NarrowedSelection> {
  const debug = (message: string) => host.debug(escapeServerText(`here: ${host.hide(message)}`))
  const signal = limit === undefined ? ended : AbortSignal.any([ended, limit])
  const narrowed = narrowSelection(settings, { environment, hide: host.hide, debug, signal })
  const selection = narrowed.catch((error: unknown) => {
    throw limit?.aborted ? limit.reason : error
  })
  return awaitedLater(selection)
}

/** What nobody foresaw also tells where it came from, to those who asked for debug logging. */
function told(error: unknown, host: Host): Failure {
  if (!(error instanceof Failure) && error instanceof Error) host.debug(escapeServerText(error.stack ?? ''))
  return Failure.from(error)
}

const NOTHING: Attempt = {
  refs: [],
  spared: new Set(),
  backups: [],
  lfs: null,
  transfer: null,
  bytes: 0,
  notices: [],
  failure: null,
  retryAfterMs: 0,
}

const failedBy = (failure: Failure) => ({ failure, retryAfterMs: failure.retryAfterMs ?? 0 })

/** What was planned, and how to tell what became of it. */
export interface Planned {
  readonly legs: readonly Leg[]
  readonly notices: readonly string[]
  /** As far as things have come. */
  readonly refs: () => readonly RefReport[]
}

/**
 * Carries out what was planned, and tells what became of it, also where it broke off: what was planned is worth seeing just then.
 * @throws Failure `relay-impossible` while nothing has been changed and git may go on
 */
export async function conclude({ legs, notices, refs }: Planned, work: () => Promise<void>, context: AttemptContext): Promise<Attempt> {
  const { settings, host } = context
  let failure: Failure | null = null
  try {
    await work()
  } catch (error) {
    const isUntouched = legs.every(({ progress }) => progress.backups.length === 0 && progress.outcomes.size === 0)
    if (isImpossible(error) && settings.transfer === 'auto' && isUntouched) throw error
    failure = told(error, host)
  }
  const backups = legs.flatMap(({ side, progress }) => progress.backups.map(backup => ({ ...backup, side })))
  const moved = legs.find(({ progress }) => progress.outcomes.size > 0)
  const bytes = await Promise.all(legs.map(({ transfer }) => transfer.bytes()))
  return {
    refs: refs(),
    spared: new Set(legs.flatMap(({ spared }) => [...spared])),
    backups,
    lfs: sumLfs(legs.map(({ lfs }) => lfs.report)),
    transfer: moved?.transfer.name ?? null,
    bytes: bytes.reduce((sum, count) => sum + count, 0),
    notices: [...notices, ...legs.flatMap(({ lfs }) => lfs.notices), ...backupNotices(backups, settings)],
    failure,
    retryAfterMs: Math.max(failure?.retryAfterMs ?? 0, ...legs.map(longestWait)),
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

/** Refs whose names cannot be mirrored, each with the reason. */
export const unusableRefs = ({ unusable }: Advertisement): RefReport[] =>
  unusable.map(({ name, reason }) => ({
    ref: name,
    action: 'none',
    outcome: 'skipped',
    before: null,
    after: null,
    reason,
    code: 'name-unusable',
    hint: KINDS['name-unusable'].hint,
    side: null,
  }))
