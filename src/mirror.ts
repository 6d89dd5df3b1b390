import { type Attempt, attemptWork, type Memory, type Work } from './attempt.ts'
import { withKeyToRegister } from './credentials/key-registration.ts'
import { withTokenToAllow } from './credentials/run-token.ts'
import { docsOf, KINDS } from './errors/kinds.ts'
import type { Failure } from './failure.ts'
import type { Host } from './host/host.ts'
import { mirrorOnce } from './one-way.ts'
import { commitsUrl } from './remote/forge.ts'
import { oneLine } from './report/escape.ts'
import type { FailureReport, RefReport, Report } from './report/outcome.ts'
import { type Route, resolutionsOf } from './report/resolution.ts'
import { countOutcomes, isInSync, statusOf } from './report/tally.ts'
import { backoff, isTransient } from './retry.ts'
import { type Direction, rolesOf } from './settings/direction.ts'
import type { Remote, Settings } from './settings/settings.ts'
import type { Sides, TransferSurroundings } from './transfer/sides.ts'

/** A server that wants to be left alone for longer is left alone until the next run. */
const LONGEST_WAIT_MS = 300_000

/** What a run needs of the process it lives in. */
export interface MirrorSurroundings extends TransferSurroundings {
  /** From 0 to 1. */
  readonly random: () => number
  readonly pause: (milliseconds: number) => Promise<void>
  /** Asked when both sides have been read: a failure ends the run there, before anything is changed. */
  readonly hold?: (sides: Sides) => Promise<Failure | null>
}

/**
 * Mirrors in the direction that the settings name, or in both: reads both sides, plans, changes what is to be changed, reports.
 * Never throws for what can go wrong on the way: that is the report's `failure`.
 */
export async function mirror(settings: Settings, host: Host, surroundings: MirrorSurroundings): Promise<Report> {
  const startedAt = surroundings.now()
  let bytes = 0
  let attempts = 1
  const memory: Memory = { here: null, there: null }
  const work = unlessHeld(await workFor(settings), surroundings.hold)
  let last = await attemptWork(work, settings, host, surroundings, memory)
  for (; attempts <= settings.retries && isWorthAnother(last); attempts++) {
    const wait = Math.max(backoff(attempts, surroundings.random()), Math.min(last.retryAfterMs, LONGEST_WAIT_MS))
    host.info(`attempt ${attempts} did not succeed (${whyNot(last)}); trying again in ${(wait / 1000).toFixed(1)} s`)
    await surroundings.pause(wait)
    bytes += last.bytes
    last = withEarlier(last, await attemptWork(work, settings, host, surroundings, memory))
  }
  const failure = last.failure === null ? null : failureReport(withTokenToAllow(withKeyToRegister(last.failure, settings), settings))
  const sides = sideReports(settings)
  const route = { direction: settings.direction, source: sides.source.url, destination: sides.destination.url }
  const refs = last.refs.map(ref => withResolutions(ref, route))
  return {
    status: statusOf({ refs, failure, dryRun: settings.dryRun }),
    inSync: failure === null && isInSync(refs),
    dryRun: settings.dryRun,
    direction: settings.direction,
    ...sides,
    transfer: last.transfer,
    refs,
    counts: countOutcomes(refs),
    backups: last.backups,
    notices: [...settings.warnings, ...last.notices],
    failure,
    bytes: bytes + last.bytes,
    attempts,
    startedAt: startedAt.toISOString(),
    durationMs: surroundings.now().getTime() - startedAt.getTime(),
  }
}

/** Both directions are loaded by the runs that need them. */
const workFor = async ({ direction }: Settings): Promise<Work> =>
  direction === 'bidirectional' ? (await import('./reconcile.ts')).reconcile : mirrorOnce

const unlessHeld = (work: Work, hold: MirrorSurroundings['hold']): Work =>
  hold === undefined
    ? work
    : async (sides, context) => {
        const failure = await hold(sides)
        if (failure !== null) throw failure
        return await work(sides, context)
      }

/** How to settle it, for a ref that needs it. */
function withResolutions(ref: RefReport, route: Route): RefReport {
  const resolve = resolutionsOf(ref, route)
  return resolve.length === 0 ? ref : { ...ref, resolve }
}

function sideReports({ direction, serverUrl, ...settings }: Settings): Pick<Report, 'source' | 'destination'> {
  const roles = rolesOf(direction)
  const reportSide = ({ url }: Remote) => ({ url: url.toString(), commits: commitsUrl(url, { serverUrl }) })
  return { source: reportSide(settings[roles.source]), destination: reportSide(settings[roles.destination]) }
}

/** The report of a run that had no need to look at the two sides. @param reason why, without a full stop */
export function skippedReport(settings: Settings, reason: string, startedAt: Date): Report {
  const { direction, dryRun, warnings: notices } = settings
  return {
    ...EMPTY_REPORT,
    ...sideReports(settings),
    status: 'skipped',
    direction,
    dryRun,
    skipped: reason,
    notices,
    startedAt: startedAt.toISOString(),
  }
}

const EMPTY_REPORT = {
  inSync: false,
  transfer: null,
  refs: [],
  counts: countOutcomes([]),
  backups: [],
  failure: null,
  bytes: 0,
  attempts: 1,
  durationMs: 0,
} as const

/** The report of a run that could not begin, e.g. for its settings. */
export function failedReport(failure: Failure, startedAt: Date, direction: Direction = 'push'): Report {
  return {
    ...EMPTY_REPORT,
    status: 'failed',
    dryRun: false,
    direction,
    source: { url: '', commits: null },
    destination: { url: '', commits: null },
    notices: [],
    failure: failureReport(failure),
    startedAt: startedAt.toISOString(),
  }
}

function failureReport(failure: Failure): FailureReport {
  const { kind, fault, message, hint, side, detail } = failure
  return { kind, fault, title: KINDS[kind].title, message, hint, docs: docsOf(kind), side, detail }
}

const codeIsTransient = ({ outcome, code }: RefReport): boolean =>
  outcome === 'raced' || (outcome === 'failed' && code !== null && isTransient(KINDS[code].fault))

const isWorthAnother = ({ failure, refs, spared }: Attempt): boolean =>
  failure === null ? refs.some(ref => codeIsTransient(ref) && !spared.has(ref.ref)) : isTransient(failure.fault)

const whyNot = ({ failure, refs }: Attempt): string => oneLine(failure?.message ?? refs.find(codeIsTransient)?.reason ?? '')

/** What an earlier attempt changed is not forgotten because a later one finds it done. */
function withEarlier(earlier: Attempt, attempted: Attempt): Attempt {
  const later = { ...attempted, backups: laterBackups(earlier.backups, attempted.backups) }
  const done = new Map(earlier.refs.filter(({ outcome }) => CHANGED.has(outcome)).map(ref => [ref.ref, ref]))
  if (later.refs.length === 0) return { ...later, refs: earlier.refs, transfer: later.transfer ?? earlier.transfer }
  const refs = later.refs.map(ref => (ref.outcome === 'up-to-date' ? (done.get(ref.ref) ?? ref) : ref))
  const names = new Set(refs.map(({ ref }) => ref))
  const deleted = [...done.values()].filter(({ ref }) => !names.has(ref))
  return { ...later, refs: [...refs, ...deleted].sort((a, b) => (a.ref < b.ref ? -1 : 1)), transfer: later.transfer ?? earlier.transfer }
}

/** Of a backup that both tell of, the later one knows, unless it only found what the earlier one did. */
function laterBackups(earlier: Attempt['backups'], later: Attempt['backups']): Attempt['backups'] {
  const all = new Map(earlier.map(backup => [backup.ref, backup]))
  for (const backup of later) if (backup.outcome !== 'present' || !all.has(backup.ref)) all.set(backup.ref, backup)
  return [...all.values()]
}

const CHANGED: ReadonlySet<string> = new Set(['created', 'updated', 'forced', 'deleted'])
