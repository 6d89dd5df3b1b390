import { clip } from '../text/escape.ts'
import { showDuration } from '../text/quantity.ts'
import { composeDocument, LOOKS } from './document.ts'
import { headlineOfMany, type ManyReport, type MirrorReport, statusOfMany } from './many.ts'
import { code, prose } from './markdown.ts'
import { renderSummary } from './summary.ts'

// As for one report, of which the rows of one mirror may take a part.
const MAX_BYTES = 900_000
const MAX_BYTES_OF_ONE = 200_000
const MAX_CELL = 300

/** All mirrors as Markdown for the job summary: one table for all, then the report of each; those that need somebody first. */
export function renderManySummary(many: ManyReport): string {
  const numbered = many.mirrors.map((mirror, index) => ({ ...mirror, anchor: `mirror-${index + 1}` }))
  const head = [
    `### ${LOOKS[statusOfMany(many)].icon} ${prose(headlineOfMany(many))}`,
    ['| Mirror | Result | Time |', '|---|---|---|', ...numbered.map(rowOf)].join('\n'),
  ].join('\n\n')
  const sections: string[] = []
  let left = MAX_BYTES - Buffer.byteLength(head)
  let gone = 0
  for (const mirror of [...numbered].sort((a, b) => rank(a) - rank(b))) {
    const section = sectionOf(mirror)
    const size = Buffer.byteLength(section) + 2
    if (size > left) gone++
    else {
      left -= size
      sections.push(section)
    }
  }
  const rest =
    gone === 0 ? [] : [`The reports of ${gone} more did not fit; the report file (output ${code('report-file')}) holds them all.`]
  return `${[head, ...sections, ...rest].join('\n\n')}\n`
}

type Numbered = MirrorReport & { readonly anchor: string }

function rowOf({ name, report, anchor }: Numbered): string {
  const { icon, headline, standing } = composeDocument(report)
  const result = [clip(headline, MAX_CELL), ...standing].map(prose).join(' · ')
  return `| <a href="#${anchor}">${code(name)}</a> | ${icon} ${result} | ${showDuration(report.durationMs)} |`
}

const sectionOf = ({ name, report, anchor }: Numbered): string =>
  `<a name="${anchor}"></a>\n\n## ${prose(name)}\n\n${renderSummary(report, MAX_BYTES_OF_ONE).trimEnd()}`

const rank = ({ report }: MirrorReport): number => (report.status === 'failed' ? 0 : report.status === 'partial' ? 1 : 2)
