import { LINE_EDGE_CHARACTERS, TEXT_EDGE_CHARACTERS, TEXT_EDGE_LINES } from '../limits/limits.ts'

/** Stands in the place of what is left out. */
const LEFT_OUT = '…'

/** A line without its middle, if it is longer than any that is known. */
export const cutLine = (line: string): string =>
  line.length <= 2 * LINE_EDGE_CHARACTERS ? line : `${line.slice(0, LINE_EDGE_CHARACTERS)} ${LEFT_OUT} ${line.slice(-LINE_EDGE_CHARACTERS)}`

/** The lines of an excerpt; empty ones are left out. */
export function excerptLines(text: string): string[] {
  const edges =
    text.length <= 2 * TEXT_EDGE_CHARACTERS
      ? text
      : `${text.slice(0, TEXT_EDGE_CHARACTERS)}\n${LEFT_OUT}\n${text.slice(-TEXT_EDGE_CHARACTERS)}`
  const lines = edges.split(/[\r\n]+/).filter(line => line !== '')
  const ends =
    lines.length <= 2 * TEXT_EDGE_LINES ? lines : [...lines.slice(0, TEXT_EDGE_LINES), LEFT_OUT, ...lines.slice(-TEXT_EDGE_LINES)]
  return ends.map(cutLine)
}

/**
 * The part of a text that is searched for known messages. A server prints as much as it likes, and the tables have hundreds of expressions.
 * A reason is at the beginning or at the end.
 */
export const excerptOf = (text: string): string => (text.length <= 2 * LINE_EDGE_CHARACTERS ? text : excerptLines(text).join('\n'))
