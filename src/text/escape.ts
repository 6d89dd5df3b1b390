// CSI and OSC sequences (ECMA-48, 5.4 and 8.3.89): colours, cursor moves, window titles, hyperlinks.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
const TERMINAL_SEQUENCES = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)/g

// Controls, invisible formatting (bidi overrides among it), lone surrogates, line and paragraph separators.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

// The two joiners shape real words (Persian, Hindi, emoji).
const HARMLESS: ReadonlySet<string> = new Set(['\n', '\t', '\u200c', '\u200d'])

// The runner takes `::name::` for a command after any white space at the start of a line, and `##[name]` anywhere in it (its ActionCommand.cs).
// It compares as .NET does by default, which sees through characters that are never shown.
const COMMAND = /^((?:[^\S\n\r\u2028\u2029]|\p{DI})*)(:\p{DI}*:)/gmu
const OLD_COMMAND = /(#\p{DI}*#\p{DI}*)\[/gu

/** Text with nothing invisible in it: terminal sequences gone, other controls spelled out (`\x07`, `\u202e`). Lines stay lines. */
export function escapeControls(text: string): string {
  // A lone carriage return is how progress overwrites itself; the runner ends a line there.
  const lines = text.replace(TERMINAL_SEQUENCES, '').replace(/\r\n?/g, '\n')
  return lines.replace(UNPRINTABLE, character => (HARMLESS.has(character) ? character : spell(character)))
}

function spell(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`
}

/**
 * Text of a server, fit for a log: no controls, and no line that the runner would take for one of its commands. A backslash breaks the marker
 * (`\::set-output::`, `##\[group]`). Unlike a prefix on the line, it also works for the form that counts anywhere. Unlike
 * `::stop-commands::`, it has no token that a server could guess, and nothing to undo when the run dies.
 */
export const escapeServerText = (text: string): string => escapeControls(text).replace(COMMAND, '$1\\$2').replace(OLD_COMMAND, '$1\\[')

/** The same on one line, for a cell, a title, a name in a sentence. */
export const oneLine = (text: string): string => escapeServerText(text).replace(/\s+/g, ' ').trim()

const ACTIVE = /[&<>\\`*_~[\]|]|[@#$]|:(?=\S)|www(?=\.)|GH(?=-\d)|^[-+=]|(?<=^\d{1,9})[.)](?=\s|$)/gi
const STRUCTURAL = /^[&<>\\`*_~[\]|\-+=.)]$/

/**
 * Text as itself in GitHub-flavoured Markdown, on one line: in a cell, a sentence or the content of an HTML element (not in an attribute).
 * Structure (pipes, backticks, tags, links) becomes numeric references, which Markdown never reads as structure (CommonMark, 2.5).
 * Mentions, issue numbers, web addresses, emoji codes and formulas are looked for after that, in the finished text, so a `span`
 * splits them; it adds no character to copied text.
 */
export function escapeMarkdown(text: string): string {
  const line = escapeControls(text).replace(/\s+/g, ' ').trim()
  return line.replace(ACTIVE, found => (STRUCTURAL.test(found) ? `&#${found.charCodeAt(0)};` : `<span>${found}</span>`))
}

/** At most so many UTF-16 units, an ellipsis for what is gone, no character cut in two. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
