import { KINDS } from '../errors/kinds.ts'
import { OUTCOMES } from '../plan/outcome.ts'
import { DIRECTIONS } from '../settings/direction.ts'
import { RUNS } from '../settings/operation.ts'
import { fieldsOf, parseJson } from '../text/json.ts'
import type { Amount } from './lfs.ts'
import { type RefReport, type Report, STATUSES, type Standing } from './report.ts'

type Check = (value: unknown) => boolean

const isText: Check = value => typeof value === 'string'
const isFlag: Check = value => typeof value === 'boolean'
const isCount: Check = value => typeof value === 'number' && Number.isFinite(value) && value >= 0
const isTime: Check = value => typeof value === 'string' && !Number.isNaN(Date.parse(value))
const isKind: Check = value => typeof value === 'string' && Object.hasOwn(KINDS, value)

const oneOf = (words: readonly string[]) => (value: unknown) => typeof value === 'string' && words.includes(value)
const orNull = (check: Check) => (value: unknown) => value === null || check(value)
const orMissing = (check: Check) => (value: unknown) => value === undefined || check(value)
function listOf(check: Check): Check {
  return value => Array.isArray(value) && value.every(check)
}
function shaped(shape: Readonly<Record<string, Check>>): Check {
  return value =>
    typeof value === 'object' && value !== null && Object.entries(shape).every(([name, check]) => check(fieldsOf(value)[name]))
}

const isSide = oneOf(['here', 'there'])

const AMOUNT = shaped({ objects: isCount, bytes: isCount })
const SIDE = shaped({ url: isText, commits: orNull(isText) })
const REF = shaped({
  ref: isText,
  action: oneOf(['create', 'fast-forward', 'force', 'delete', 'keep', 'none']),
  outcome: oneOf(OUTCOMES),
  before: orNull(isText),
  after: orNull(isText),
  reason: isText,
  code: orNull(isKind),
  hint: orNull(isText),
  side: orNull(isSide),
  lfs: orMissing(orNull(AMOUNT)),
  resolve: orMissing(listOf(shaped({ what: isText, command: isText }))),
})
const FAILURE = shaped({
  kind: isKind,
  fault: isText,
  title: isText,
  message: isText,
  problems: orMissing(listOf(isText)),
  hint: isText,
  docs: isText,
  side: orNull(isSide),
  detail: orNull(isText),
})
const BACKUP = shaped({ ref: isText, of: orNull(isText), side: isSide, tip: isText, outcome: isText, reason: orNull(isText) })

/** The fields of docs/report.schema.json that the program reads. */
const REPORT = shaped({
  version: value => value === 1,
  operation: oneOf(RUNS),
  status: oneOf(STATUSES),
  inSync: isFlag,
  dryRun: isFlag,
  direction: oneOf(DIRECTIONS),
  source: SIDE,
  destination: SIDE,
  transfer: orNull(isText),
  refs: listOf(REF),
  counts: shaped(Object.fromEntries(OUTCOMES.map(outcome => [outcome, isCount]))),
  backups: listOf(BACKUP),
  lfs: orMissing(orNull(shaped({ moved: AMOUNT, present: AMOUNT, failed: AMOUNT, lost: orMissing(listOf(isText)) }))),
  notices: listOf(isText),
  failure: orNull(FAILURE),
  skipped: orMissing(orNull(isText)),
  standing: orMissing(orNull(shaped({ consecutiveFailures: isCount, nextDue: orNull(isTime) }))),
  bytes: isCount,
  attempts: isCount,
  startedAt: isTime,
  durationMs: isCount,
})

/** A report as it stands in the file: null instead of a missing value. */
interface StoredReport extends Omit<Report, 'skipped' | 'standing' | 'refs'> {
  readonly skipped: string | null
  readonly standing: Standing | null
  readonly refs: readonly (Omit<RefReport, 'lfs'> & { readonly lfs: Amount | null })[]
}

/** Reads a report that `reportsJson` wrote; null for any other text. Pure. */
export function parseReport(text: string): Report | null {
  const parsed = parseJson(text)
  if (!REPORT(parsed)) return null
  const { skipped, standing, lfs, refs, failure, ...report } = parsed as StoredReport
  return {
    ...report,
    // A report of an earlier version has no list.
    failure: failure && { ...failure, problems: failure.problems ?? [] },
    lfs: lfs ? { ...lfs, lost: lfs.lost?.length ? lfs.lost : undefined } : null,
    refs: refs.map(ref => ({ ...ref, lfs: ref.lfs ?? undefined, resolve: ref.resolve?.length ? ref.resolve : undefined })),
    skipped: skipped ?? undefined,
    standing: standing ?? undefined,
  }
}
