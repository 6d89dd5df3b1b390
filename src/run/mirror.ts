import { Failure } from '../errors/failure.ts'
import { isTransient, KINDS } from '../errors/kinds.ts'
import type { Host } from '../host/host.ts'
import type { Runtime } from '../host/runtime.ts'
import { printableLine } from '../host/server-text.ts'
import { RETRY_AFTER_MS } from '../limits/limits.ts'
import { failureReport, sideReports } from '../report/constructors.ts'
import { lostNotices } from '../report/lfs.ts'
import type { RefReport, Report } from '../report/report.ts'
import { type Route, resolutionsOf } from '../report/resolution.ts'
import { countOutcomes, isInSync, statusOf } from '../report/tally.ts'
import type { Settings } from '../settings/settings.ts'
import { showDuration } from '../text/quantity.ts'
import type { Attempt, AttemptOptions, RunMemory } from './attempt.ts'
import { attemptInSession } from './attempt-in-session.ts'
import { noDamage } from './damage.ts'
import { exposedBackups } from './exposed-backups.ts'
import { withEarlier } from './merge-attempts.ts'

/** Mirrors: reads both sides, plans, makes the changes, and reports; a verification only compares, a purge only removes backups. Never throws: errors become the report's `failure`. */
export async function mirror(settings: Settings, host: Host, runtime: Runtime, options: AttemptOptions = {}): Promise<Report> {
  const startedAt = runtime.now()
  let bytes = 0
  let attempts = 1
  const memory: RunMemory = { here: null, there: null, damage: noDamage() }
  const signal = runtime.alarm(settings.timeoutMinutes * 60_000, overdue(settings.timeoutMinutes))
  const limited = { ...runtime, signal }
  const tryOnce = () => attemptInSession(settings, host, limited, memory, options)
  let last = await tryOnce()
  for (; attempts <= settings.retries && !signal.aborted && isWorthAnother(last, settings); attempts++) {
    const failed = `attempt ${attempts} did not succeed (${printableLine(whyNot(last), host)})`
    if (last.retryAfterMs > RETRY_AFTER_MS) {
      host.info(`${failed}; the server asks to wait ${showDuration(last.retryAfterMs)}, so only the next run tries again`)
      break
    }
    const wait = Math.max(backoff(attempts, runtime.random()), last.retryAfterMs)
    host.info(`${failed}; trying again in ${(wait / 1000).toFixed(1)} s`)
    await runtime.pause(wait, signal)
    if (signal.aborted) break
    bytes += last.bytes
    last = withEarlier(last, await tryOnce())
  }
  const stop = signal.aborted ? Failure.from(signal.reason) : null
  // A failure by the time limit, or by an interruption, says so itself.
  const isCutShort = stop !== null && !last.failure?.isVersionOf(stop) && attempts <= settings.retries && isWorthAnother(last, settings)
  // The failure of a run that was interrupted while it waited for a retry is the interruption, which counts neither as failed nor as successful.
  const ended = isCutShort && stop.kind === 'interrupted' ? stop.with({ detail: whyNot(last) }) : last.failure
  const failure = ended === null ? null : failureReport(await advised(ended, settings))
  const sides = sideReports(settings)
  const exposed = await exposedBackups(last.backups, settings, host, limited)
  const refs = last.refs.map(ref => withResolutions(ref, { direction: settings.direction, ...sides }))
  return {
    operation: settings.operation,
    status: statusOf(
      { refs, failure, dryRun: settings.dryRun, operation: settings.operation },
      last.lfs?.lost !== undefined && settings.failOn.has('any-kept'),
    ),
    inSync: failure === null && settings.operation !== 'purge-backups' && isInSync(refs),
    dryRun: settings.dryRun,
    direction: settings.direction,
    ...sides,
    transfer: last.transfer,
    refs,
    counts: countOutcomes(refs),
    backups: last.backups,
    lfs: last.lfs,
    notices: [
      ...settings.warnings,
      ...last.notices,
      ...lostNotices(last.lfs?.lost),
      ...exposed,
      ...(isCutShort ? [`${stop.message}, so nothing more was tried`] : []),
    ],
    failure,
    bytes: bytes + last.bytes,
    attempts,
    startedAt: startedAt.toISOString(),
    durationMs: runtime.now().getTime() - startedAt.getTime(),
  }
}

/** Why a run ends at its time limit. Pure. */
export const overdue = (minutes: number): Failure =>
  new Failure('timed-out', `the run was not done after ${minutes === 1 ? 'a minute' : `${minutes} minutes`}`, {
    hint: 'check the log for what the run was waiting for; if it only needs more time, raise `timeout-minutes`',
  })

/** Milliseconds before the n-th retry: doubled from 1 s up to 30 s, and spread by up to half, so that many mirrors do not retry at once. */
export const backoff = (repetition: number, random: number): number => Math.min(30_000, 1000 * 2 ** (repetition - 1)) * (0.5 + random / 2)

async function advised(failure: Failure, settings: Settings): Promise<Failure> {
  // Most runs do not fail.
  const { withKeyToRegister, withSecretsPage, withTokenToAllow } = await import('./hints.ts')
  return withSecretsPage(withTokenToAllow(withKeyToRegister(failure, settings), settings), settings)
}

/** Adds the ways to settle a ref that was kept. */
function withResolutions(ref: RefReport, route: Route): RefReport {
  const resolve = resolutionsOf(ref, route)
  return resolve.length === 0 ? ref : { ...ref, resolve }
}

const codeIsTransient = ({ outcome, code }: RefReport): boolean =>
  outcome === 'raced' || (outcome === 'failed' && code !== null && isTransient(KINDS[code].fault))

function isWorthAnother({ failure, refs, raced }: Attempt, { transfer }: Settings): boolean {
  if (failure === null) return refs.some(ref => codeIsTransient(ref) && !raced.has(ref.ref))
  // If the relay could not finish, git may: the next attempt finds out before it changes anything.
  return isTransient(failure.fault) || (failure.kind === 'relay-impossible' && transfer === 'auto')
}

const whyNot = ({ failure, refs }: Attempt): string => failure?.message ?? refs.find(codeIsTransient)?.reason ?? ''
