import type { Advice } from './advice.ts'
import { composeDocument, type Document, type FailureSection, type Row, type Tip, type Tone } from './document.ts'
import { clip } from './escape.ts'
import { code, codeBlock, folded, link, prose } from './markdown.ts'
import type { Report } from './outcome.ts'
import { showCount } from './quantity.ts'

// The runner drops a summary above 1 MiB as a whole, and other actions write to a step's summary too.
const MAX_BYTES = 900_000
const ROWS_IN_SIGHT = 25
// What is not a row is cut in advance, so that the rows can have whatever is left.
const MAX = { sentence: 2000, reason: 500, detail: 20_000, notices: 20, advice: 10, unsettled: 20 } as const
// For the frame around the rows, and the line that counts what was left out.
const FRAME_BYTES = 1000

/** The report as GitHub-flavoured Markdown for the job summary. @param maxBytes of UTF-8 */
export function renderSummary(report: Report, maxBytes: number = MAX_BYTES): string {
  const document = composeDocument(report)
  const head = headOf(document)
  const advice = document.advice.slice(0, MAX.advice).map(adviceItem).join('\n')
  const room = maxBytes - FRAME_BYTES - Buffer.byteLength(head) - Buffer.byteLength(advice)
  const settling = settlingOf(document)
  const rows = takeWhileFits(document.rows, room - Buffer.byteLength(settling))
  return `${[head, rowsOf(rows, document.rows.length), advice && `**What to do**\n\n${advice}`, settling].filter(part => part !== '').join('\n\n')}\n`
}

function headOf({ icon, headline, route, facts, failure, notices }: Document): string {
  const way =
    route && `${route.direction}: ${code(clip(route.source, MAX.sentence))} ${route.arrow} ${code(clip(route.destination, MAX.sentence))}`
  return [
    `### ${icon} ${prose(headline)}`,
    [way, facts.join(' · ')].filter(Boolean).join('<br>'),
    failure === null ? '' : failureBlock(failure),
    noticesOf(notices),
  ]
    .filter(part => part !== '')
    .join('\n\n')
}

function failureBlock({ title, message, hint, docs, where, detail }: FailureSection): string {
  const [first = '', ...more] = clip(message, MAX.sentence).split('\n')
  const [toDo = '', ...toPaste] = clip(hint, MAX.sentence).split('\n')
  return [
    `**${prose(title)}**${where === null ? '' : ` at ${code(clip(where, MAX.sentence))}`}: ${prose(first)}`,
    more.map(line => `- ${prose(line.replace(/^- /, ''))}`).join('\n'),
    `**What to do**: ${prose(toDo)} (${link('more about it', docs)})`,
    toPaste.length === 0 ? '' : codeBlock(toPaste.join('\n')),
    detail === null ? '' : folded('In its own words', codeBlock(tail(detail))),
  ]
    .filter(part => part !== '')
    .join('\n\n')
}

/** The end of it: that is where tools say what went wrong. */
const tail = (text: string): string => (text.length <= MAX.detail ? text : `…${text.slice(-MAX.detail).replace(/^[\udc00-\udfff]/, '')}`)

function noticesOf(notices: readonly string[]): string {
  const shown = notices.slice(0, MAX.notices).map(notice => `- ℹ️ ${prose(clip(notice, MAX.sentence))}`)
  const rest = notices.length - shown.length
  return [...shown, ...(rest > 0 ? [`- ℹ️ and ${rest} more`] : [])].join('\n')
}

const adviceItem = ({ title, hint, docs }: Advice): string =>
  `- **${prose(title)}**: ${prose(clip(hint, MAX.sentence))} (${link('more about it', docs)})`

/** Folded: the commands are long. */
function settlingOf({ unsettled, sides }: Document): string {
  if (unsettled.length === 0) return ''
  const parts = unsettled
    .slice(0, MAX.unsettled)
    .flatMap(({ ref, before, after, ways }) => [
      `${code(clip(ref, MAX.reason))}: ${sides.destination} ${showTip(before)}, ${sides.source} ${showTip(after)}`,
      ...ways.flatMap(({ what, command }) => [`To ${prose(what)}:`, codeBlock(clip(command, MAX.sentence))]),
    ])
  const rest = unsettled.length - MAX.unsettled
  if (rest > 0) parts.push(`${rest} more are to be settled likewise; the report file (output ${code('report-file')}) has the commands.`)
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

function takeWhileFits(rows: readonly Row[], bytes: number): string[] {
  const taken: string[] = []
  let left = bytes
  for (const row of rows) {
    const line = rowLine(row)
    left -= Buffer.byteLength(line) + 1
    if (left < 0) break
    taken.push(line)
  }
  return taken
}

const table = (lines: readonly string[]): string =>
  ['| Ref | Outcome | Before → after | Reason |', '|---|---|---|---|', ...lines].join('\n')

function rowsOf(lines: readonly string[], total: number): string {
  const parts: string[] = []
  if (lines.length > 0) parts.push(table(lines.slice(0, ROWS_IN_SIGHT)))
  if (lines.length > ROWS_IN_SIGHT) parts.push(folded(`${lines.length - ROWS_IN_SIGHT} more`, table(lines.slice(ROWS_IN_SIGHT))))
  if (lines.length < total)
    parts.push(`${total - lines.length} more refs did not fit; the report file (output ${code('report-file')}) holds them all.`)
  return parts.join('\n\n')
}
