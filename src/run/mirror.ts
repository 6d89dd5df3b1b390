import type { Failure } from '../errors/failure.ts'
import { isTransient, KINDS } from '../errors/kinds.ts'
import type { Host } from '../host/host.ts'
import { failureReport, sideReports } from '../report/construct.ts'
import { hasLanded } from '../report/interest.ts'
import { laterLfs } from '../report/lfs.ts'
import type { BackupReport, RefReport, Report } from '../report/report.ts'
import { type Route, resolutionsOf } from '../report/resolution.ts'
import { countOutcomes, isInSync, statusOf } from '../report/tally.ts'
import { withKeyToRegister, withSecretsPage, withTokenToAllow } from '../run/hints.ts'
import type { Settings } from '../settings/settings.ts'
import { oneLine } from '../text/escape.ts'
import { showDuration } from '../text/quantity.ts'
import type { Sides, TransferSurroundings } from '../transfer/sides.ts'
import { type Attempt, attemptWork, type FirstTips, type Work } from './attempt.ts'
import { mirrorOnce } from './one-way.ts'
import { backoff } from './retry.ts'
import { overdue } from './time-limit.ts'

/** A server that wants to be left alone for longer is left alone until the next run. */
const LONGEST_WAIT_MS = 300_000

/** What a run needs of the process it lives in. */
export interface MirrorSurroundings extends TransferSurroundings {
  /** From 0 to 1. */
  readonly random: () => number
  /** Waits so long, or until the signal comes. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** A signal that comes after so many milliseconds, with this reason. */
  readonly alarm: (milliseconds: number, reason: Failure) => AbortSignal
  /** Asked when both sides have been read: a failure ends the run there, before anything is changed. */
  readonly hold?: (sides: Sides) => Promise<Failure | null>
}

/**
 * Mirrors in the direction that the settings name, or in both: reads both sides, plans, changes what is to be changed, reports. A verification only compares.
 * Never throws for what can go wrong on the way: that is the report's `failure`.
 */
export async function mirror(settings: Settings, host: Host, surroundings: MirrorSurroundings): Promise<Report> {
  const startedAt = surroundings.now()
  let bytes = 0
  let attempts = 1
  const memory: FirstTips = { here: null, there: null }
  const limit = overdue(settings.timeoutMinutes)
  const signal = surroundings.alarm(settings.timeoutMinutes * 60_000, limit)
  const limited = { ...surroundings, signal }
  const work = unlessHeld(await workFor(settings), surroundings.hold)
  let last = await attemptWork(work, settings, host, limited, memory)
  for (; attempts <= settings.retries && !signal.aborted && isWorthAnother(last, settings); attempts++) {
    const failed = `attempt ${attempts} did not succeed (${whyNot(last)})`
    if (last.retryAfterMs > LONGEST_WAIT_MS) {
      host.info(`${failed}; the server asks to be left alone for ${showDuration(last.retryAfterMs)}, so the next run tries again`)
      break
    }
    const wait = Math.max(backoff(attempts, surroundings.random()), last.retryAfterMs)
    host.info(`${failed}; trying again in ${(wait / 1000).toFixed(1)} s`)
    await surroundings.pause(wait, signal)
    if (signal.aborted) break
    bytes += last.bytes
    last = withEarlier(last, await attemptWork(work, settings, host, limited, memory))
  }
  // What was broken off in the middle says so itself.
  const isBrokenOff = last.failure?.isVersionOf(limit) ?? false
  const isCutShort = signal.aborted && !isBrokenOff && attempts <= settings.retries && isWorthAnother(last, settings)
  const told = (failure: Failure) => withSecretsPage(withTokenToAllow(withKeyToRegister(failure, settings), settings), settings)
  const failure = last.failure === null ? null : failureReport(told(last.failure))
  const sides = sideReports(settings)
  const route = { direction: settings.direction, source: sides.source.url, destination: sides.destination.url }
  const refs = last.refs.map(ref => withResolutions(ref, route))
  return {
    operation: settings.operation,
    status: statusOf({ refs, failure, dryRun: settings.dryRun }),
    inSync: failure === null && isInSync(refs),
    dryRun: settings.dryRun,
    direction: settings.direction,
    ...sides,
    transfer: last.transfer,
    refs,
    counts: countOutcomes(refs),
    backups: last.backups,
    lfs: last.lfs,
    notices: [...settings.warnings, ...last.notices, ...(isCutShort ? [`${limit.message}, so nothing more was tried`] : [])],
    failure,
    bytes: bytes + last.bytes,
    attempts,
    startedAt: startedAt.toISOString(),
    durationMs: surroundings.now().getTime() - startedAt.getTime(),
  }
}

/** What not every run needs is loaded by those that do. */
async function workFor({ operation, direction }: Settings): Promise<Work> {
  if (operation === 'verify') return (await import('./verify.ts')).verifyOnce
  return direction === 'bidirectional' ? (await import('./two-way.ts')).reconcile : mirrorOnce
}

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

const codeIsTransient = ({ outcome, code }: RefReport): boolean =>
  outcome === 'raced' || (outcome === 'failed' && code !== null && isTransient(KINDS[code].fault))

function isWorthAnother({ failure, refs, spared }: Attempt, { transfer }: Settings): boolean {
  if (failure === null) return refs.some(ref => codeIsTransient(ref) && !spared.has(ref.ref))
  // What the relay could not finish, git does: as the next attempt finds out before it changes anything.
  return isTransient(failure.fault) || (failure.kind === 'relay-impossible' && transfer === 'auto')
}

const whyNot = ({ failure, refs }: Attempt): string => oneLine(failure?.message ?? refs.find(codeIsTransient)?.reason ?? '')

/** What an earlier attempt changed is not forgotten because a later one finds it done. */
function withEarlier(earlier: Attempt, attempted: Attempt): Attempt {
  const later = { ...attempted, backups: laterBackups(earlier.backups, attempted.backups), lfs: laterLfs(earlier.lfs, attempted.lfs) }
  const done = new Map(earlier.refs.filter(hasLanded).map(ref => [ref.ref, ref]))
  if (later.refs.length === 0) return { ...later, refs: earlier.refs, transfer: later.transfer ?? earlier.transfer }
  const refs = later.refs.map(ref => (ref.outcome === 'up-to-date' ? (done.get(ref.ref) ?? ref) : ref))
  const names = new Set(refs.map(({ ref }) => ref))
  const deleted = [...done.values()].filter(({ ref }) => !names.has(ref))
  return { ...later, refs: [...refs, ...deleted].sort((a, b) => (a.ref < b.ref ? -1 : 1)), transfer: later.transfer ?? earlier.transfer }
}

/** Of a backup that both tell of, the later one knows, unless it only found what the earlier one did. */
function laterBackups(earlier: Attempt['backups'], later: Attempt['backups']): Attempt['backups'] {
  const keyOf = ({ side, ref }: BackupReport) => `${side} ${ref}`
  const all = new Map(earlier.map(backup => [keyOf(backup), backup]))
  for (const backup of later) if (backup.outcome !== 'present' || !all.has(keyOf(backup))) all.set(keyOf(backup), backup)
  return [...all.values()]
}
