import { oneLine } from '../text/escape.ts'
import { showDuration } from '../text/quantity.ts'
import { composeDocument } from './document.ts'
import { headlineOfMany, type ManyReport, type MirrorReport } from './many.ts'
import { renderText, type TextOptions } from './text.ts'

/** All mirrors for a terminal: each report below its name, and at the end, where the eye is, one line a mirror. */
export function renderManyText(many: ManyReport, options: TextOptions): string {
  const bold = (text: string) => (options.colour ? `\u001b[1m${text}\u001b[0m` : text)
  const reports = many.mirrors.map(({ name, report }) => `${bold(`== ${name}`)}\n${renderText(report, options)}`)
  const width = Math.max(...many.mirrors.map(({ name }) => name.length))
  const lines = many.mirrors.map(mirror => `${lineOf(mirror, width)}\n`)
  return [...reports, `${bold(`${headlineOfMany(many)} (${showDuration(many.durationMs)})`)}\n${lines.join('')}`].join('\n')
}

function lineOf({ name, report }: MirrorReport, width: number): string {
  const { icon, headline, standing } = composeDocument(report)
  return `  ${icon} ${name.padEnd(width)}  ${[oneLine(headline), ...standing].join(' · ')}`
}
