import { type Action, OUTCOMES, type Outcome, type TransferName } from '../plan/outcome.ts'
import { isBranch, type Oid } from '../refs/ref.ts'
import { showBytes, showCount, showDuration, showTime } from '../text/quantity.ts'
import { adviseOnFailed, adviseOnKept, type SharedAdvice } from './advice.ts'
import { hasLanded, interestingFirst, isChange, isDivergent, isTrouble } from './interest.ts'
import { describeAmount, describeLfs } from './lfs.ts'
import type { Counts, FailureReport, RefReport, Report, Resolution, Status } from './report.ts'
import { type SideWords, sideWords, verdictWord, verifiedHeadline } from './words.ts'

export type Tone = 'good' | 'attention' | 'bad' | 'plain'

export interface Tip {
  readonly short: string
  /** Web page of the commit; null if it is unknown. */
  readonly link: string | null
}

export interface Row {
  readonly tone: Tone
  readonly ref: string
  /** `created`, `rejected (force)`, `would delete`. */
  readonly what: string
  /** The destination's tip before the run; null = absent. */
  readonly before: Tip | null
  /** The source's tip, which the destination should get; null = absent. */
  readonly after: Tip | null
  /** The destination moves, or would move, from one to the other; otherwise both stay as they are. */
  readonly moves: boolean
  readonly reason: string
}

export interface FailureSection extends Pick<FailureReport, 'title' | 'message' | 'problems' | 'hint' | 'docs' | 'detail'> {
  /** URL of the side at which it happened; null = neither. */
  readonly where: string | null
}

/** The content of a report for every output format. Holds server text as it came, so each writer escapes it. */
export interface Document {
  readonly icon: string
  readonly tone: Tone
  readonly headline: string
  /** With `bidirectional`, the source is here. `arrow` shows the direction in which refs go. */
  readonly route: { readonly direction: string; readonly arrow: string; readonly source: string; readonly destination: string } | null
  readonly sides: SideWords
  readonly facts: readonly string[]
  /** The facts about the mirror between runs, which a list of mirrors shows, too. */
  readonly standing: readonly string[]
  readonly failure: FailureSection | null
  readonly notices: readonly string[]
  /** Refs that need attention come first; refs that were up to date are only counted, in the headline. */
  readonly rows: readonly Row[]
  /** Advice on the refs that the run could not change. */
  readonly failed: readonly SharedAdvice[]
  /** Advice on the refs that were kept on purpose. */
  readonly kept: readonly SharedAdvice[]
  readonly unsettled: readonly Unsettled[]
}

/** A ref that was kept and that the user has to settle, with both tips and the ways to do it. */
export interface Unsettled extends Pick<Row, 'ref' | 'before' | 'after'> {
  readonly ways: readonly Resolution[]
}

/** The report as a document. If both sides were equal, it is one line and the notices. */
export function composeDocument(report: Report): Document {
  const quiet = report.failure === null && report.skipped === undefined && report.refs.every(({ outcome }) => outcome === 'up-to-date')
  const { direction, source, destination } = report
  const { icon, tone } = LOOKS[quiet ? 'up-to-date' : report.status]
  const arrow = direction === 'bidirectional' ? '↔' : '→'
  return {
    icon,
    tone,
    headline: isVerdict(report) && !quiet ? verifiedHeadline(report.status, report.refs) : headlineOf(report, quiet),
    route:
      quiet || source.url === '' || destination.url === '' ? null : { direction, arrow, source: source.url, destination: destination.url },
    sides: sideWords(direction),
    facts: quiet || report.skipped !== undefined ? [] : [...factsOf(report), ...standingOf(report)],
    standing: standingOf(report),
    failure: report.failure === null ? null : failureSection(report, report.failure),
    notices: report.notices,
    rows: interestingFirst(report.refs.filter(({ outcome }) => outcome !== 'up-to-date')).map(ref => rowOf(ref, report)),
    failed: adviseOnFailed(report.refs),
    kept: adviseOnKept(report.refs),
    unsettled: report.refs.flatMap(ref => (ref.resolve === undefined ? [] : [unsettledOf(ref, ref.resolve, report)])),
  }
}

/** A verification that completed. */
const isVerdict = ({ operation, failure, skipped }: Report): boolean => operation === 'verify' && failure === null && skipped === undefined

export const LOOKS: Readonly<Record<Status, Pick<Document, 'icon' | 'tone'> & { readonly word: string }>> = {
  'up-to-date': { icon: '✅', tone: 'good', word: 'Nothing to do' },
  updated: { icon: '✅', tone: 'good', word: 'Updated' },
  partial: { icon: '⚠️', tone: 'attention', word: 'Partial' },
  failed: { icon: '❌', tone: 'bad', word: 'Failed' },
  skipped: { icon: '⏭️', tone: 'plain', word: 'Skipped' },
}

function headlineOf({ operation, status, dryRun, failure, refs, counts, skipped }: Report, quiet: boolean): string {
  if (skipped !== undefined) return `Skipped: ${skipped}`
  const total = refs.length
  if (quiet && operation === 'purge-backups') return 'Nothing to remove: no backup of the selected refs was found'
  if (quiet && total === 0) return 'Up to date: neither side has a ref to mirror'
  if (quiet) return `Up to date: ${showCount(total, 'ref')} ${total === 1 ? 'is' : 'are'} the same on both sides`
  const parts = [...(dryRun ? plannedCounts(refs) : []), ...outcomeCounts(counts, refs, dryRun)].join(', ')
  const word = dryRun && status !== 'up-to-date' ? 'Dry run' : LOOKS[status].word
  if (failure === null) return `${word}: ${parts}`
  return status === 'failed' ? `Failed: ${failure.title}` : `${word}: ${failure.title}; ${parts}`
}

// In the order of the headline, which ends with the refs that needed nothing.
const COUNTED: readonly Outcome[] = [...OUTCOMES.filter(outcome => outcome !== 'up-to-date'), 'up-to-date']

function outcomeCounts(counts: Counts, refs: readonly RefReport[], dryRun: boolean): string[] {
  return COUNTED.filter(outcome => counts[outcome] > 0 && !(dryRun && outcome === 'skipped')).map(outcome => {
    if (outcome === 'up-to-date') return `${counts[outcome]} up to date`
    return `${counts[outcome]} ${outcome}${outcome === 'kept' ? divergentCounts(refs) : ''}`
  })
}

/** Some kept refs need a decision of the user: the number of those. */
function divergentCounts(refs: readonly RefReport[]): string {
  const divergent = refs.filter(isDivergent)
  const diverged = divergent.filter(({ code }) => code === 'diverged').length
  const unknown = divergent.filter(({ code }) => code === 'relation-unknown').length
  const parts = [...(diverged > 0 ? [`${diverged} diverged`] : []), ...(unknown > 0 ? [`${unknown} unknown`] : [])]
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

/** In a dry run every change is skipped, so its action is counted instead. */
function plannedCounts(refs: readonly RefReport[]): string[] {
  const skipped = refs.filter(({ outcome }) => outcome === 'skipped')
  const changes: readonly Action[] = ['create', 'fast-forward', 'force', 'delete']
  const counted = changes.map(action => ({ text: `to ${action}`, count: skipped.filter(ref => ref.action === action).length }))
  const unusable = { text: 'skipped', count: skipped.filter(ref => !isChange(ref)).length }
  return [...counted, unusable].filter(({ count }) => count > 0).map(({ text, count }) => `${count} ${text}`)
}

const TRANSFERS: Readonly<Record<TransferName, string>> = { relay: 'relay transfer (no clone)', git: 'git transfer (a clone for this run)' }

function factsOf({ transfer, bytes, lfs, durationMs, attempts }: Report): string[] {
  return [
    ...(transfer === null ? [] : [TRANSFERS[transfer]]),
    ...(bytes > 0 ? [showBytes(bytes)] : []),
    ...(lfs === null ? [] : [describeLfs(lfs)]),
    showDuration(durationMs),
    ...(attempts > 1 ? [showCount(attempts, 'attempt')] : []),
  ]
}

function standingOf({ standing, skipped }: Report): string[] {
  if (standing === undefined) return []
  const { consecutiveFailures: failures, nextDue } = standing
  return [
    ...(failures > 0 ? [`${showCount(failures, 'failure')} in a row`] : []),
    ...(nextDue !== null && skipped === undefined ? [`next due ${showTime(Date.parse(nextDue))}`] : []),
  ]
}

function failureSection(report: Report, { side, ...failure }: FailureReport): FailureSection {
  const isSource = (side === 'here') === (report.direction !== 'pull')
  const url = side === null ? '' : (isSource ? report.source : report.destination).url
  return { ...failure, where: url || null }
}

function rowOf(ref: RefReport, { operation, source, destination, direction, dryRun }: Report): Row {
  const both = direction === 'bidirectional'
  const trouble = isTrouble(ref)
  const planned = operation !== 'verify' && ref.outcome === 'skipped' && isChange(ref)
  const became = operation === 'verify' ? verdictWord(ref) : planned && dryRun ? `would ${ref.action}` : ref.outcome
  const changed = `${became}${both && ref.side !== null ? ` ${ref.side}` : ''}`
  // With `bidirectional`, a ref that is changed here gets the tip from there.
  const [from, to] = both && ref.side === 'here' ? [destination, source] : [source, destination]
  return {
    tone: trouble ? 'bad' : isDivergent(ref) ? 'attention' : ref.outcome === 'kept' || planned ? 'plain' : 'good',
    ref: ref.ref,
    what: isChange(ref) && (trouble || (planned && !dryRun)) ? `${changed} (${ref.action})` : changed,
    before: tipOf(ref, ref.before, to.commits),
    after: tipOf(ref, ref.after, from.commits),
    moves: hasLanded(ref) || (planned && dryRun),
    reason: hasLanded(ref) && ref.lfs !== undefined ? `${ref.reason}; waited for ${describeAmount(ref.lfs)}` : ref.reason,
  }
}

const unsettledOf = (ref: RefReport, ways: readonly Resolution[], { source, destination }: Report): Unsettled => ({
  ref: ref.ref,
  before: tipOf(ref, ref.before, destination.commits),
  after: tipOf(ref, ref.after, source.commits),
  ways,
})

/** The rows of a table that are seen before the others are unfolded. */
export const ROWS_IN_SIGHT = 25

// This many digits are unique even in a large repository.
const SHORT_LENGTH = 10

function tipOf({ ref }: RefReport, oid: Oid | null, commits: string | null): Tip | null {
  if (oid === null) return null
  // An annotated tag's oid, or that of its backup, names the tag object, for which a forge has no commit page.
  return { short: oid.slice(0, SHORT_LENGTH), link: commits === null || !isBranch(ref) ? null : commits + oid }
}
