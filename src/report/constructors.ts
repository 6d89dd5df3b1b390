import type { Failure } from '../errors/failure.ts'
import { docsOf, KINDS } from '../errors/kinds.ts'
import { commitsUrl } from '../remote/forge.ts'
import { type Direction, rolesOf } from '../settings/direction.ts'
import type { Run } from '../settings/operation.ts'
import type { Remote, Settings } from '../settings/settings.ts'
import type { FailureReport, RefReport, Report } from './report.ts'
import { countOutcomes } from './tally.ts'

/** Both repositories by their roles in this direction. */
export function sideReports({ direction, serverUrl, ...settings }: Settings): Pick<Report, 'source' | 'destination'> {
  const roles = rolesOf(direction)
  const reportSide = ({ url }: Remote) => ({ url: url.toString(), commits: commitsUrl(url, serverUrl) })
  return { source: reportSide(settings[roles.source]), destination: reportSide(settings[roles.destination]) }
}

/** The report of a run that is not due. @param reason why, without a full stop */
export const notDueReport = (settings: Settings, reason: string, startedAt: Date): Report => ({
  ...skippedReport(reason, startedAt, settings.direction, settings.operation),
  ...sideReports(settings),
  dryRun: settings.dryRun,
  notices: settings.warnings,
})

/** The report of a run that could not begin, e.g. for its settings. */
export const failedReport = (failure: Failure, startedAt: Date, direction: Direction = 'push', operation: Run = 'mirror'): Report => ({
  ...blankReport(startedAt, direction, operation),
  status: 'failed',
  failure: failureReport(failure),
})

/** The report of a run that had nothing to do, which is no failure. @param reason follows `skipped:` in a sentence */
export const skippedReport = (reason: string, startedAt: Date, direction: Direction, operation: Run): Report => ({
  ...blankReport(startedAt, direction, operation),
  skipped: reason,
})

/** The run did not try to change the ref. */
const isUntried = ({ outcome }: RefReport): boolean => outcome === 'skipped' || outcome === 'up-to-date'

/** Turns a failed run that changed nothing into a skipped one. @param reason why the failure is excused; null = it is not */
export const excused = (report: Report, reason: string | null): Report =>
  reason === null || report.status !== 'failed' || !report.refs.every(isUntried)
    ? report
    : { ...report, status: 'skipped', failure: null, skipped: reason }

function blankReport(startedAt: Date, direction: Direction, operation: Run): Report {
  return {
    operation,
    status: 'skipped',
    inSync: false,
    dryRun: false,
    direction,
    source: { url: '', commits: null },
    destination: { url: '', commits: null },
    transfer: null,
    refs: [],
    counts: countOutcomes([]),
    backups: [],
    lfs: null,
    notices: [],
    failure: null,
    bytes: 0,
    attempts: 1,
    startedAt: startedAt.toISOString(),
    durationMs: 0,
  }
}

/** The failure with its title and its page. */
export function failureReport(failure: Failure): FailureReport {
  const { kind, fault, message, problems, hint, side, detail } = failure
  return { kind, fault, title: KINDS[kind].title, message, problems, hint, docs: docsOf(kind), side, detail }
}
