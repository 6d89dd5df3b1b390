/** Characters at each end of a line. */
const MAX_EDGE = 4096
/** Lines at each end of a text. */
const MAX_EDGE_LINES = 200
/** Characters at each end of a text. */
const MAX_EDGE_TEXT = 2 ** 15

/** A line without its middle, if it is longer than any that is known. */
export const cutLine = (line: string): string =>
  line.length <= 2 * MAX_EDGE ? line : `${line.slice(0, MAX_EDGE)} … ${line.slice(-MAX_EDGE)}`

/** The lines of an excerpt; empty ones are left out. */
export function excerptLines(text: string): string[] {
  const edges = text.length <= 2 * MAX_EDGE_TEXT ? text : `${text.slice(0, MAX_EDGE_TEXT)}\n${text.slice(-MAX_EDGE_TEXT)}`
  const lines = edges.split(/[\r\n]+/).filter(line => line !== '')
  const ends = lines.length <= 2 * MAX_EDGE_LINES ? lines : [...lines.slice(0, MAX_EDGE_LINES), ...lines.slice(-MAX_EDGE_LINES)]
  return ends.map(cutLine)
}

/**
 * The part of a text that is searched for known messages. A server prints as much as it likes, and the tables have hundreds of expressions.
 * A reason is at the beginning or at the end.
 */
export const excerptOf = (text: string): string => (text.length <= 2 * MAX_EDGE ? text : excerptLines(text).join('\n'))
