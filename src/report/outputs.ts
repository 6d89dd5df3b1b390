import { OUTCOMES, type Outcome } from '../plan/outcome.ts'
import { interestingFirst } from './interest.ts'
import type { RefReport, Report } from './report.ts'
import { allInSync, type MirrorReport, onlyReport, type Reports, skippedReasonOfAll, statusOfAll } from './reports.ts'

const MAX_REFS = 500
// A job's outputs may take 1 MB, counted as UTF-16, and a later job may pass these on: 400 kB are ours.
const MAX_UNITS = 200_000

/**
 * The step's outputs by name. `rejected` is what the destination refused; `failed` counts failed and raced together: what was not refused,
 * and yet not done. Of several mirrors these are sums, and what only one mirror can have is empty: the report file has it for each.
 */
export function outputsOfAll(reports: Reports): Record<string, string> {
  const { mirrors } = reports
  const sum = (...outcomes: Outcome[]) =>
    String(mirrors.reduce((total, { report }) => total + outcomes.reduce((count, outcome) => count + report.counts[outcome], 0), 0))
  const only = onlyReport(reports)
  return {
    status: statusOfAll(reports),
    'in-sync': String(allInSync(reports)),
    'skipped-reason': skippedReasonOfAll(reports),
    transfer: only?.transfer ?? '',
    created: sum('created'),
    updated: sum('updated'),
    forced: sum('forced'),
    deleted: sum('deleted'),
    kept: sum('kept'),
    rejected: sum('rejected'),
    failed: sum('failed', 'raced'),
    'up-to-date': sum('up-to-date'),
    ...(only === null ? { refs: '[]', 'refs-truncated': String(mirrors.some(({ report }) => report.refs.length > 0)) } : refsOutputs(only)),
    bytes: String(mirrors.reduce((total, { report }) => total + report.bytes, 0)),
    ...(only === null ? { mirrors: printableJson(mirrors.map(mirrorElement)) } : standingOutputs(only)),
  }
}

const mirrorElement = ({ name, report }: MirrorReport) => ({
  name,
  status: report.status,
  'in-sync': report.inSync,
  ...standingOutputs(report),
})

/** `refs` is a JSON array, the interesting ones first, cut at 500 refs or 200,000 UTF-16 units; `refs-truncated` tells. */
function refsOutputs(report: Report): Record<string, string> {
  const taken = takeWhileFits(interestingFirst(report.refs).slice(0, MAX_REFS), report)
  return { refs: `[${taken.join(',')}]`, 'refs-truncated': String(taken.length < report.refs.length) }
}

/** By the names of outputs; none where nothing is kept between runs. */
export const standingOutputs = ({ standing }: Report): Record<string, string> =>
  standing === undefined ? {} : { 'consecutive-failures': String(standing.consecutiveFailures), 'next-due': standing.nextDue ?? '' }

function takeWhileFits(refs: readonly RefReport[], { direction }: Report): string[] {
  const taken: string[] = []
  let left = MAX_UNITS
  for (const ref of refs) {
    const text = printableJson(direction === 'bidirectional' ? { ...refElement(ref), side: ref.side } : refElement(ref))
    left -= text.length + 1
    if (left < 0) break
    taken.push(text)
  }
  return taken
}

/** One element of the output `refs`: these keys, in this order, as the contract says; both ways also the side, as there it is not known otherwise. */
const refElement = ({
  ref,
  action,
  outcome,
  before,
  after,
  reason,
  code,
  hint,
}: RefReport): Omit<RefReport, 'side' | 'lfs' | 'resolve'> => ({
  ref,
  action,
  outcome,
  before,
  after,
  reason,
  code,
  hint,
})

/**
 * The report file: docs/report.schema.json for the one mirror of the inputs, else docs/reports.schema.json. Always the same keys in the same order,
 * refs by name, a newline at the end.
 */
export function reportsJson(reports: Reports): string {
  const only = onlyReport(reports)
  return `${printableJson(only === null ? allReports(reports) : wholeReport(only), 2)}\n`
}

const allReports = (reports: Reports) => ({
  version: 1,
  status: statusOfAll(reports),
  inSync: allInSync(reports),
  startedAt: reports.startedAt,
  durationMs: reports.durationMs,
  mirrors: reports.mirrors.map(({ name, report }) => ({ name, report: wholeReport(report) })),
})

/** The report as it stands in the JSON. */
function wholeReport(report: Report): Readonly<Record<string, unknown>> {
  const { failure, source, destination } = report
  return {
    version: 1,
    status: report.status,
    inSync: report.inSync,
    dryRun: report.dryRun,
    operation: report.operation,
    direction: report.direction,
    source: { url: source.url, commits: source.commits },
    destination: { url: destination.url, commits: destination.commits },
    transfer: report.transfer,
    counts: Object.fromEntries(OUTCOMES.map(outcome => [outcome, report.counts[outcome]])),
    failure: failure && {
      kind: failure.kind,
      fault: failure.fault,
      title: failure.title,
      message: failure.message,
      hint: failure.hint,
      docs: failure.docs,
      side: failure.side,
      detail: failure.detail,
    },
    skipped: report.skipped ?? null,
    standing: report.standing ? { consecutiveFailures: report.standing.consecutiveFailures, nextDue: report.standing.nextDue } : null,
    backups: report.backups.map(({ ref, of, side, tip, outcome, reason }) => ({ ref, of, side, tip, outcome, reason })),
    lfs: report.lfs,
    notices: report.notices,
    bytes: report.bytes,
    attempts: report.attempts,
    startedAt: report.startedAt,
    durationMs: report.durationMs,
    refs: report.refs.map(ref => ({
      ...refElement(ref),
      side: ref.side,
      lfs: ref.lfs ?? null,
      resolve: (ref.resolve ?? []).map(({ what, command }) => ({ what, command })),
    })),
  }
}

/**
 * JSON that is safe to print on a terminal and in a step: what is invisible, and the bracket of `##[`, which the runner takes for a command
 * anywhere in a line, are written as JSON escapes. A parser gets the exact text back.
 */
export function printableJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent)
    .replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, character => character.split('').map(escapeUnit).join(''))
    .replace(/(#\p{DI}*#\p{DI}*)\[/gu, '$1\\u005b')
}

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
