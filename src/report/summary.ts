import { clip } from '../text/escape.ts'
import { showCount, showDuration } from '../text/quantity.ts'
import type { SharedAdvice } from './advice.ts'
import { composeDocument, type Document, LOOKS, ROWS_IN_SIGHT, type Row, type Tip, type Tone } from './document.ts'
import { code, codeBlock, folded, link, prose } from './markdown.ts'
import { advised, failureBlock, listOf, listOfFirst, MAX_SENTENCE, paragraphs, takeWhileFits } from './paragraphs.ts'
import type { Report } from './report.ts'
import { headlineOfAll, type MirrorReport, onlyReport, type Reports, statusOfAll } from './reports.ts'

// The runner drops a summary above 1 MiB as a whole, and other actions write to a step's summary too.
const MAX_BYTES = 900_000
// The limit for each of several mirrors.
const MAX_BYTES_OF_ONE = 200_000
const MAX_CELL = 300
// Everything except the rows is cut to these limits, so that the rows get the remaining space.
const MAX = { hint: 1000, name: 200, reason: 500, detail: 20_000, notices: 20, advice: 8, names: 5, messages: 20, unsettled: 20 } as const
// For the frame around the rows, and the line that counts the rows that are not shown.
const FRAME_BYTES = 1000

/** The report as GitHub-flavoured Markdown for the job summary. @param maxBytes of UTF-8 */
export function renderSummary(report: Report, maxBytes: number = MAX_BYTES): string {
  const document = composeDocument(report)
  const head = headOf(document)
  const foot = paragraphs([keptBlock(document.kept), settlingOf(document), document.facts.join(' · ')])
  const left = maxBytes - FRAME_BYTES - Buffer.byteLength(head) - Buffer.byteLength(foot)
  const rows = takeWhileFits(document.rows, rowLine, left, Buffer.byteLength)
  return `${paragraphs([head, rowsOf(rows, document.rows.length), foot])}\n`
}

/** All mirrors as Markdown for the job summary: one table for all, then each report; mirrors that need attention come first. A single mirror needs no table. */
export function renderSummaries(reports: Reports): string {
  const only = onlyReport(reports)
  if (only !== null) return renderSummary(only)
  const numbered = reports.mirrors.map((mirror, index) => ({ ...mirror, anchor: `mirror-${index + 1}` }))
  const head = [
    `### ${LOOKS[statusOfAll(reports)].icon} ${prose(headlineOfAll(reports))}`,
    ['| Mirror | Result | Time |', '|---|---|---|', ...numbered.map(mirrorRow)].join('\n'),
  ].join('\n\n')
  const sections: string[] = []
  let left = MAX_BYTES - Buffer.byteLength(head)
  let gone = 0
  for (const mirror of [...numbered].sort((a, b) => rank(a) - rank(b))) {
    const section = mirrorSection(mirror)
    const size = Buffer.byteLength(section) + 2
    if (size > left) gone++
    else {
      left -= size
      sections.push(section)
    }
  }
  const rest =
    gone === 0 ? [] : [`The reports of ${gone} more did not fit; the report file (output ${code('report-file')}) has all of them.`]
  return `${[head, ...sections, ...rest].join('\n\n')}\n`
}

type Numbered = MirrorReport & { readonly anchor: string }

function mirrorRow({ name, report, anchor }: Numbered): string {
  const { icon, headline, standing } = composeDocument(report)
  const result = [clip(headline, MAX_CELL), ...standing].map(prose).join(' · ')
  return `| <a href="#${anchor}">${code(name)}</a> | ${icon} ${result} | ${showDuration(report.durationMs)} |`
}

const mirrorSection = ({ name, report, anchor }: Numbered): string =>
  `<a name="${anchor}"></a>\n\n## ${prose(name)}\n\n${renderSummary(report, MAX_BYTES_OF_ONE).trimEnd()}`

const rank = ({ report }: MirrorReport): number => (report.status === 'failed' ? 0 : report.status === 'partial' ? 1 : 2)

/** The result, the reason and the advice, for readers who stop here. */
function headOf({ icon, headline, route, failure, failed, notices }: Document): string {
  return paragraphs([
    `### ${icon} ${prose(headline)}`,
    route === null
      ? ''
      : `${route.direction}: ${code(clip(route.source, MAX_SENTENCE))} ${route.arrow} ${code(clip(route.destination, MAX_SENTENCE))}`,
    failure === null ? '' : failureBlock(failure, MAX.detail),
    failedBlock(failed),
    listOfFirst(notices, MAX.notices, notice => `ℹ️ ${prose(clip(notice, MAX_SENTENCE))}`),
  ])
}

/** Advice on the refs that the run could not change; the server's messages are folded. */
function failedBlock(advice: readonly SharedAdvice[]): string {
  if (advice.length === 0) return ''
  const messages = advice.flatMap(({ refs }) => refs.slice(0, MAX.messages).map(({ ref, reason }) => `${ref}: ${reason}`))
  return paragraphs(['**What failed**', adviceList(advice), folded('Server messages', codeBlock(clip(messages.join('\n'), MAX.detail)))])
}

const keptBlock = (advice: readonly SharedAdvice[]): string =>
  advice.length === 0 ? '' : paragraphs(['**Not changed**', adviceList(advice)])

function adviceList(advice: readonly SharedAdvice[]): string {
  const rest = advice.slice(MAX.advice).reduce((count, { refs }) => count + refs.length, 0)
  return listOf(advice.slice(0, MAX.advice).map(adviceItem), rest, ', for other reasons: see the table')
}

function adviceItem({ title, hint, docs, refs }: SharedAdvice): string {
  const names = refs.slice(0, MAX.names).map(({ ref }) => code(clip(ref, MAX.name)))
  const rest = refs.length - names.length
  const which = `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  return `**${prose(title)}**: ${which}<br>What to do: ${advised(clip(hint, MAX.hint), docs)}`
}

function settlingOf({ unsettled, sides }: Document): string {
  if (unsettled.length === 0) return ''
  const parts = unsettled
    .slice(0, MAX.unsettled)
    .flatMap(({ ref, before, after, ways }) => [
      `${code(clip(ref, MAX.reason))}: ${sides.destination} ${showTip(before)}, ${sides.source} ${showTip(after)}`,
      ...ways.flatMap(({ what, command }) => [`To ${prose(what)}:`, codeBlock(clip(command, MAX_SENTENCE))]),
    ])
  const rest = unsettled.length - MAX.unsettled
  if (rest > 0) parts.push(`${rest} more can be settled the same way; the report file (output ${code('report-file')}) has the commands.`)
  return folded(
    `How to settle ${showCount(unsettled.length, 'ref')} that ${unsettled.length === 1 ? 'was' : 'were'} kept`,
    parts.join('\n\n'),
  )
}

const ICONS: Readonly<Record<Tone, string>> = { bad: '❌ ', attention: '⚠️ ', good: '', plain: '' }

function rowLine({ tone, ref, what, before, after, moves, reason }: Row): string {
  const tips = before === null && after === null ? '–' : `${showTip(before)} ${moves ? '→' : '≠'} ${showTip(after)}`
  return `| ${code(ref)} | ${ICONS[tone]}${prose(what)} | ${tips} | ${prose(clip(reason, MAX.reason))} |`
}

const showTip = (tip: Tip | null): string => (tip === null ? '–' : tip.link === null ? code(tip.short) : link(code(tip.short), tip.link))

const table = (lines: readonly string[]): string =>
  ['| Ref | Outcome | Before → after | Reason |', '|---|---|---|---|', ...lines].join('\n')

function rowsOf(lines: readonly string[], total: number): string {
  const parts: string[] = []
  if (lines.length > 0) parts.push(table(lines.slice(0, ROWS_IN_SIGHT)))
  if (lines.length > ROWS_IN_SIGHT) parts.push(folded(`${lines.length - ROWS_IN_SIGHT} more`, table(lines.slice(ROWS_IN_SIGHT))))
  if (lines.length < total)
    parts.push(`${total - lines.length} more refs did not fit; the report file (output ${code('report-file')}) has all of them.`)
  return parts.join('\n\n')
}
