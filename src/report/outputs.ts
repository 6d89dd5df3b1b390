import { OUTCOMES, type Outcome } from '../plan/outcome.ts'
import { interestingFirst } from './interest.ts'
import { takeWhileFits } from './paragraphs.ts'
import type { RefReport, Report } from './report.ts'
import { allInSync, type MirrorReport, onlyReport, type Reports, skippedReasonOfAll, statusOfAll } from './reports.ts'

const MAX_REFS = 500
// A job's outputs may take 1 MB, counted as UTF-16. These take at most 400 kB, because a later job may pass them on.
const MAX_UNITS = 200_000

/**
 * The step's outputs by name. `failed` counts the outcomes failed and raced: refs that were not refused and yet not changed. With several mirrors
 * the counts are sums, and outputs that only one mirror can have are empty; the report file has them per mirror.
 */
export function outputsOfAll(reports: Reports): Record<string, string> {
  const { mirrors } = reports
  const sum = (...outcomes: Outcome[]) =>
    String(mirrors.reduce((total, { report }) => total + outcomes.reduce((count, outcome) => count + report.counts[outcome], 0), 0))
  const only = onlyReport(reports)
  const refs =
    only === null ? { refs: '[]', 'refs-truncated': String(mirrors.some(({ report }) => report.refs.length > 0)) } : refsOutputs(only)
  const each = only === null ? { mirrors: printableJson(mirrors.map(mirrorElement)) } : standingOutputs(only)
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
    ...refs,
    bytes: String(mirrors.reduce((total, { report }) => total + report.bytes, 0)),
    ...each,
  }
}

const mirrorElement = ({ name, report }: MirrorReport) => ({
  name,
  status: report.status,
  'in-sync': report.inSync,
  ...standingOutputs(report),
})

/** `refs` is a JSON array, refs that need attention first, cut at 500 refs or 200,000 UTF-16 units; then `refs-truncated` is true. */
function refsOutputs({ refs, direction }: Report): Record<string, string> {
  const render = (ref: RefReport) => printableJson(direction === 'bidirectional' ? { ...refElement(ref), side: ref.side } : refElement(ref))
  const taken = takeWhileFits(interestingFirst(refs).slice(0, MAX_REFS), render, MAX_UNITS)
  return { refs: `[${taken.join(',')}]`, 'refs-truncated': String(taken.length < refs.length) }
}

/** By the names of outputs; empty if no state is kept between runs. */
export const standingOutputs = ({ standing }: Report): Record<string, string> =>
  standing === undefined ? {} : { 'consecutive-failures': String(standing.consecutiveFailures), 'next-due': standing.nextDue ?? '' }

/** These values, in this order. */
const pick = <T, K extends keyof T & string>(from: T, ...keys: readonly K[]) => Object.fromEntries(keys.map(key => [key, from[key]]))

/** One element of the output `refs`, as the contract says. */
const refElement = (ref: RefReport) => pick(ref, 'ref', 'action', 'outcome', 'before', 'after', 'reason', 'code', 'hint')

/**
 * The report file, in pieces of some KiB: docs/report.schema.json for the one mirror of the inputs, otherwise docs/reports.schema.json. The keys are
 * always the same, in the same order; refs are sorted by name. As one text, a report of many refs would be larger than all that it is made from.
 */
export function* reportsJson(reports: Reports): Generator<string> {
  const only = onlyReport(reports)
  let piece = ''
  for (const part of only === null ? allParts(reports) : reportParts(only, '')) {
    piece += part
    if (piece.length < PIECE_UNITS) continue
    yield piece
    piece = ''
  }
  yield `${piece}\n`
}

const PIECE_UNITS = 2 ** 15

function allParts(reports: Reports): Generator<string> {
  const { startedAt, durationMs, mirrors } = reports
  const fields = { version: 1, status: statusOfAll(reports), inSync: allInSync(reports), startedAt, durationMs }
  return objectParts(fields, 'mirrors', mirrors, '', function* ({ name, report }, indent) {
    yield `{\n${indent}  "name": ${printableJson(name)},\n${indent}  "report": `
    yield* reportParts(report, `${indent}  `)
    yield `\n${indent}}`
  })
}

function reportParts(report: Report, indent: string): Generator<string> {
  const { source, destination, transfer, counts, failure, skipped = null, standing, backups, lfs, refs } = report
  const fields = {
    version: 1,
    ...pick(report, 'status', 'inSync', 'dryRun', 'operation', 'direction'),
    source: pick(source, 'url', 'commits'),
    destination: pick(destination, 'url', 'commits'),
    transfer,
    counts: pick(counts, ...OUTCOMES),
    failure: failure && pick(failure, 'kind', 'fault', 'title', 'message', 'problems', 'hint', 'docs', 'side', 'detail'),
    skipped,
    standing: standing ? pick(standing, 'consecutiveFailures', 'nextDue') : null,
    backups: backups.map(backup => pick(backup, 'ref', 'of', 'side', 'tip', 'outcome', 'reason')),
    lfs: lfs && { ...pick(lfs, 'moved', 'present', 'failed'), lost: lfs.lost ?? [] },
    ...pick(report, 'notices', 'bytes', 'attempts', 'startedAt', 'durationMs'),
  }
  return objectParts(fields, 'refs', refs, indent, function* (ref, within) {
    const resolve = (ref.resolve ?? []).map(way => pick(way, 'what', 'command'))
    yield indentedJson({ ...refElement(ref), side: ref.side, lfs: ref.lfs ?? null, resolve }, within)
  })
}

/** An object as JSON, whose last value is a list that is written entry by entry. @param render of an entry, with the indent of its lines */
function* objectParts<T>(
  fields: object,
  name: string,
  list: readonly T[],
  indent: string,
  render: (entry: T, indent: string) => Iterable<string>,
): Generator<string> {
  const end = `\n${indent}}`
  yield `${indentedJson(fields, indent).slice(0, -end.length)},\n${indent}  "${name}": [`
  for (const [index, entry] of list.entries()) {
    yield `${index === 0 ? '' : ','}\n${indent}    `
    yield* render(entry, `${indent}    `)
  }
  yield `${list.length === 0 ? '' : `\n${indent}  `}]${end}`
}

/** JSON with an indent of 2 within lines that are indented. */
const indentedJson = (value: unknown, indent: string): string => printableJson(value, 2).replaceAll('\n', `\n${indent}`)

/**
 * JSON that is safe to print on a terminal and in a step. Invisible characters are written as JSON escapes, and so is the bracket of `##[`,
 * because the runner takes that for a command anywhere in a line. A parser gets the exact text back.
 */
export function printableJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent)
    .replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, character => character.split('').map(escapeUnit).join(''))
    .replace(/(#\p{DI}*#\p{DI}*)\[/gu, '$1\\u005b')
}

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
