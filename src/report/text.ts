import { clip, escapeServerText, oneLine } from '../text/escape.ts'
import { showDuration } from '../text/quantity.ts'
import { composeDocument, type Document, type FailureSection, ROWS_IN_SIGHT, type Row, type Tip, type Tone } from './document.ts'
import type { Report } from './report.ts'
import { headlineOfAll, type MirrorReport, onlyReport, type Reports } from './reports.ts'

export interface TextOptions {
  readonly colour: boolean
  /** Columns of the terminal, to which reasons are cut; missing = nothing is cut. */
  readonly width?: number | undefined
  /** Long lists are folded by commands of the runner. */
  readonly folds?: boolean
  /** Shows everything, however long it is. */
  readonly everything?: boolean
}

const USUAL = { rows: 50, detailLines: 30, unsettled: 10 } as const
const EVERYTHING = { rows: Number.POSITIVE_INFINITY, detailLines: Number.POSITIVE_INFINITY, unsettled: Number.POSITIVE_INFINITY } as const
type Limits = Readonly<Record<keyof typeof USUAL, number>>

// Fewer lines are not worth folding.
const MIN_FOLDED = 5
// A longer name moves the columns of its own line only.
const MAX_REF_COLUMN = 40
const MIN_REASON = 20

// SGR codes (ECMA-48, 8.3.117).
const SGR = { bold: 1, dim: 2, bad: 31, good: 32, attention: 33, plain: 0 } as const
type Paint = (style: keyof typeof SGR, text: string) => string

/** The report for a terminal or a log: the content of the summary as plain lines that end with a newline. */
export function renderText(report: Report, { colour, width, folds = false, everything = false }: TextOptions): string {
  const limits: Limits = everything ? EVERYTHING : USUAL
  const fold = folds ? inGroup : asIs
  const paint: Paint = (style, text) => (colour && SGR[style] > 0 && text !== '' ? `\u001b[${SGR[style]}m${text}\u001b[0m` : text)
  const document = composeDocument(report)
  const { icon, tone, headline, notices } = document
  const sections = [
    [`${icon} ${paint('bold', paint(tone, oneLine(headline)))}`, ...factLines(document).map(line => `   ${paint('dim', line)}`)],
    document.failure === null ? [] : failureLines(document.failure, paint, limits, fold),
    notices.map(notice => `ℹ️ ${oneLine(notice)}`),
    foldRest(rowLines(document.rows, paint, width ?? Number.POSITIVE_INFINITY, limits), fold),
    [...document.failed, ...document.kept].flatMap(({ title, hint, docs }) => [paint('bold', oneLine(title)), ...adviceLines(hint, docs)]),
    fold('How to settle what was kept', unsettledLines(document, paint, limits)),
  ]
  return `${sections
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')}\n`
}

/** All mirrors for a terminal: each report below its name, and at the end, which a terminal shows, one line per mirror. */
export function renderTexts(reports: Reports, options: TextOptions): string {
  const only = onlyReport(reports)
  if (only !== null) return renderText(only, options)
  const bold = (text: string) => (options.colour ? `\u001b[1m${text}\u001b[0m` : text)
  const texts = reports.mirrors.map(({ name, report }) => `${bold(`== ${name}`)}\n${renderText(report, options)}`)
  const width = Math.max(...reports.mirrors.map(({ name }) => name.length))
  const lines = reports.mirrors.map(mirror => `${mirrorLine(mirror, width)}\n`)
  return [...texts, `${bold(`${headlineOfAll(reports)} (${showDuration(reports.durationMs)})`)}\n${lines.join('')}`].join('\n')
}

function mirrorLine({ name, report }: MirrorReport, width: number): string {
  const { icon, headline, standing } = composeDocument(report)
  return `  ${icon} ${name.padEnd(width)}  ${[oneLine(headline), ...standing].join(' · ')}`
}

type Fold = (title: string, lines: readonly string[]) => readonly string[]

const asIs: Fold = (_, lines) => lines

/** By the runner's commands (GitHub docs, "Workflow commands": Grouping log lines). Groups do not nest. */
const inGroup: Fold = (title, lines) => (lines.length < MIN_FOLDED ? lines : [`::group::${title}`, ...lines, '::endgroup::'])

const foldRest = (rows: readonly string[], fold: Fold): readonly string[] =>
  rows.length < ROWS_IN_SIGHT + MIN_FOLDED
    ? rows
    : [...rows.slice(0, ROWS_IN_SIGHT), ...fold(`${rows.length - ROWS_IN_SIGHT} more`, rows.slice(ROWS_IN_SIGHT))]

function factLines({ route, facts }: Document): string[] {
  const way = route === null ? [] : [`${route.direction}: ${oneLine(route.source)} ${route.arrow} ${oneLine(route.destination)}`]
  return facts.length === 0 ? way : [...way, facts.join(' · ')]
}

function failureLines(failure: FailureSection, paint: Paint, limits: Limits, fold: Fold): string[] {
  const { title, message, hint, docs, where, detail } = failure
  const [first = '', ...more] = escapeServerText(message).split('\n')
  return [
    `${paint('bad', oneLine(title))}${where === null ? '' : ` at ${oneLine(where)}`}: ${first}`,
    ...more.map(line => `  ${line}`),
    ...adviceLines(hint, docs),
    ...fold('Server output', detail === null ? [] : detailLines(detail, limits).map(line => paint('dim', `  | ${line}`))),
  ]
}

const adviceLines = (hint: string, docs: string): string[] => [...indent(`what to do: ${hint}`), ...indent(`details: ${docs}`)]

const indent = (text: string): string[] =>
  escapeServerText(text)
    .split('\n')
    .map(line => `  ${line}`)

function detailLines(detail: string, { detailLines: max }: Limits): string[] {
  const lines = escapeServerText(detail).split('\n')
  const gone = lines.length - max
  return gone > 0 ? [`(${gone} lines before)`, ...lines.slice(gone)] : lines
}

/** The ways to settle each ref. A command stays on one line, so that it can be copied. */
function unsettledLines({ unsettled: all, sides }: Document, paint: Paint, { unsettled: max }: Limits): string[] {
  const lines = all
    .slice(0, max)
    .flatMap(({ ref, before, after, ways }) => [
      paint('bold', `To settle ${oneLine(ref)} (${sides.destination} ${showTip(before)}, ${sides.source} ${showTip(after)}):`),
      ...ways.flatMap(({ what, command }) => [...indent(`to ${what}:`), `    ${oneLine(command)}`]),
    ])
  const rest = all.length - max
  return rest > 0 ? [...lines, `${rest} more can be settled the same way; the JSON report has the commands`] : lines
}

const MARKS: Readonly<Record<Tone, string>> = { bad: '!', attention: '!', good: ' ', plain: ' ' }

/** One line per ref, in columns: outcome, name, tips before and after, reason. */
function rowLines(rows: readonly Row[], paint: Paint, width: number, { rows: max }: Limits): string[] {
  const shown = rows.slice(0, max).map(row => ({ row, ref: oneLine(row.ref), tips: showTips(row) }))
  const whatColumn = longest(shown.map(({ row }) => row.what))
  const refColumn = Math.min(longest(shown.map(({ ref }) => ref)), MAX_REF_COLUMN)
  const tipColumn = longest(shown.map(({ tips }) => tips))
  const lines = shown.map(({ row, ref, tips }) => {
    const what = paint(row.tone, row.what.padEnd(whatColumn))
    const before = `${ref.padEnd(refColumn)}  ${tips.padEnd(tipColumn)}`
    const room = Math.max(width - whatColumn - before.length - 6, MIN_REASON)
    return `${MARKS[row.tone]} ${what}  ${before}  ${clip(oneLine(row.reason), room)}`.trimEnd()
  })
  const rest = rows.length - shown.length
  return rest > 0 ? [...lines, `  and ${rest} more`] : lines
}

const longest = (texts: readonly string[]): number => texts.reduce((length, text) => Math.max(length, text.length), 0)

const showTip = (tip: Tip | null): string => tip?.short ?? '–'

function showTips({ before, after, moves }: Row): string {
  if (before === null && after === null) return '–'
  return `${showTip(before).padEnd(10)} ${moves ? '→' : '≠'} ${showTip(after)}`
}
