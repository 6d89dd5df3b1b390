import { docsOf, KINDS, type Kind } from '../../src/errors/kinds.ts'
import type { Action, Outcome } from '../../src/plan/outcome.ts'
import type { Oid } from '../../src/refs/ref.ts'
import { outputsOfAll, reportsJson } from '../../src/report/outputs.ts'
import type { FailureReport, RefReport, Report } from '../../src/report/report.ts'
import type { Reports } from '../../src/report/reports.ts'
import { countOutcomes, isInSync, statusOf } from '../../src/report/tally.ts'

export const oid = (digit: string): Oid => digit.repeat(40) as Oid

const ACTION_OF: Readonly<Record<Outcome, Action>> = {
  created: 'create',
  updated: 'fast-forward',
  forced: 'force',
  deleted: 'delete',
  kept: 'keep',
  'up-to-date': 'none',
  rejected: 'fast-forward',
  raced: 'fast-forward',
  failed: 'fast-forward',
  skipped: 'none',
}

/** A ref of a report; only what matters to a test is stated. */
export function refReport(outcome: Outcome, given: Partial<RefReport> = {}): RefReport {
  const action = given.action ?? ACTION_OF[outcome]
  return {
    ref: `refs/heads/${outcome}`,
    action,
    outcome,
    before: action === 'create' ? null : oid('a'),
    after: action === 'delete' ? null : oid(action === 'none' ? 'a' : 'b'),
    reason: `why ${outcome}`,
    code: null,
    hint: given.code ? KINDS[given.code].hint : null,
    side: action === 'none' || action === 'keep' ? null : 'there',
    ...given,
  }
}

/** A ref that was kept because it diverged. */
export const divergentRef = (given: Partial<RefReport> = {}): RefReport =>
  refReport('kept', { ref: 'refs/heads/diverged', code: 'diverged', reason: 'the destination has commits of its own', ...given })

export function failureReport(kind: Kind, given: Partial<FailureReport> = {}): FailureReport {
  const { fault, title, hint } = KINDS[kind]
  return {
    kind,
    fault,
    title,
    message: `the message of ${kind}`,
    problems: [],
    hint,
    docs: docsOf(kind),
    side: null,
    detail: null,
    ...given,
  }
}

/** A report whose status, counts and inSync follow from its refs, as in a real run. */
export function makeReport(given: Partial<Report> = {}): Report {
  const { refs = [], failure = null, dryRun = false } = given
  return {
    operation: 'mirror',
    status: statusOf({ refs, failure, dryRun }),
    inSync: failure === null && isInSync(refs),
    dryRun,
    direction: 'push',
    source: { url: 'https://github.com/o/here.git', commits: 'https://github.com/o/here/commit/' },
    destination: { url: 'ssh://git@example.com/o/there.git', commits: null },
    transfer: 'git',
    refs,
    counts: countOutcomes(refs),
    backups: [],
    lfs: null,
    notices: [],
    failure,
    bytes: 1_258_291,
    attempts: 1,
    startedAt: '2026-01-02T03:04:05.000Z',
    durationMs: 3400,
    ...given,
  }
}

/** One ref of each outcome, with the ways of being left alone and of being only planned, from the most to the least interesting. */
export const EVERY_REF: readonly RefReport[] = [
  refReport('failed', { code: 'connection-lost' }),
  refReport('rejected', { code: 'protected-branch' }),
  refReport('raced', { code: 'raced' }),
  divergentRef(),
  refReport('forced'),
  refReport('deleted'),
  refReport('kept', { code: 'not-merged' }),
  refReport('skipped', { code: 'name-unusable', before: null, after: null }),
  refReport('created'),
  refReport('updated'),
  refReport('up-to-date'),
]

/** The reports of a run of one mirror, without a name. */
const alone = (report: Report): Reports => ({
  mirrors: [{ name: '', report, failOn: new Set() }],
  startedAt: report.startedAt,
  durationMs: 0,
})

export const outputsOf = (report: Report): Record<string, string> => outputsOfAll(alone(report))
export const reportJson = (report: Report): string => [...reportsJson(alone(report))].join('')
