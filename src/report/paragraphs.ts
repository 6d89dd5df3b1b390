import { clip } from '../text/escape.ts'
import type { FailureSection } from './document.ts'
import { code, codeBlock, folded, link, prose } from './markdown.ts'

// Markdown that the summary and the issue share.

/** A longer sentence is cut. */
export const MAX_SENTENCE = 2000
const MAX_PROBLEMS = 20

/** Joins paragraphs and drops empty ones. */
export const paragraphs = (parts: readonly string[]): string => parts.filter(part => part !== '').join('\n\n')

/** A list whose last item counts the items that are not shown. @param rest their number */
export const listOf = (items: readonly string[], rest: number, why = ''): string =>
  [...items, ...(rest > 0 ? [`and ${rest} more${why}`] : [])].map(item => `- ${item}`).join('\n')

/** The first items as a list, with the number of the others. */
export const listOfFirst = (items: readonly string[], max: number, render: (item: string) => string): string =>
  listOf(items.slice(0, max).map(render), items.length - max)

/** Advice with a link to its page. */
export const advised = (hint: string, docs: string): string => `${prose(hint)} (${link('Details', docs)})`

/** The error that ended a run, the advice, and the end of the server's output. @param maxOutput in characters */
export function failureBlock({ title, message, problems, hint, docs, where, detail }: FailureSection, maxOutput: number): string {
  const [first = '', ...more] = clip(message, MAX_SENTENCE).split('\n')
  const items = problems.length > 0 ? problems : more
  const [toDo = '', ...toPaste] = clip(hint, MAX_SENTENCE).split('\n')
  return paragraphs([
    `**${prose(title)}**${where === null ? '' : ` at ${code(clip(where, MAX_SENTENCE))}`}: ${prose(first)}`,
    listOfFirst(items, MAX_PROBLEMS, item => prose(clip(item, MAX_SENTENCE))),
    `**What to do**: ${advised(toDo, docs)}`,
    toPaste.length === 0 ? '' : codeBlock(toPaste.join('\n')),
    detail === null ? '' : folded('Server output', codeBlock(tail(detail, maxOutput))),
  ])
}

/** The end of an output, where tools report what went wrong. */
const tail = (text: string, length: number): string =>
  text.length <= length ? text : `…${text.slice(-length).replace(/^[\udc00-\udfff]/, '')}`

/** Renders items, in order, until the next one does not fit. @param size of a text, in the unit of the limit; otherwise in UTF-16 units */
export function takeWhileFits<T>(items: readonly T[], render: (item: T) => string, limit: number, size = (text: string) => text.length) {
  const taken: string[] = []
  let left = limit
  for (const item of items) {
    const text = render(item)
    left -= size(text) + 1
    if (left < 0) break
    taken.push(text)
  }
  return taken
}
