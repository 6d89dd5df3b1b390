import { escapeControls, escapeMarkdown } from '../text/escape.ts'

/** A name or a value in code type; safe for any text, also inside a table. */
export const code = (text: string): string => `<code>${escapeMarkdown(text)}</code>`

/** A sentence in which only pairs of backticks keep their meaning; safe for any text. */
export function prose(text: string): string {
  return text
    .split(/`([^`\s](?:[^`]*[^`\s])?)`/)
    .map((part, index) => (index % 2 === 1 ? code(part) : escapeProse(part)))
    .join('')
}

// The spaces next to a code part belong to the sentence.
const escapeProse = (text: string): string => `${/^\s/.test(text) ? ' ' : ''}${escapeMarkdown(text)}${/\S\s+$/.test(text) ? ' ' : ''}`

/** Lines in a fence that is longer than any run of backticks in them. */
export function codeBlock(text: string): string {
  const body = escapeControls(text).trimEnd()
  const longest = body.match(/`+/g)?.reduce((length, run) => Math.max(length, run.length), 0) ?? 0
  const fence = '`'.repeat(Math.max(3, longest + 1))
  return `${fence}text\n${body}\n${fence}`
}

/** A link; only the label if the address could end the link or its table cell. `label` is Markdown already. */
export const link = (label: string, address: string): string =>
  /^https?:\/\/[^\s()<>|\\"'`[\]]+$/.test(address) ? `[${label}](${address})` : label

/** A folded section. `body` is Markdown. */
export const folded = (title: string, body: string): string =>
  `<details><summary>${escapeMarkdown(title)}</summary>\n\n${body}\n\n</details>`
