import { clip } from '../text/escape.ts'
import type { FailureSection } from './document.ts'
import { code, codeBlock, folded, link, prose } from './markdown.ts'

// What summary and issue say in the same words. All of it is Markdown.

/** No sentence is longer. */
export const MAX_SENTENCE = 2000

/** Paragraphs, without those that are empty. */
export const paragraphs = (parts: readonly string[]): string => parts.filter(part => part !== '').join('\n\n')

/** A list, of which the last item counts what was left out. @param rest how many */
export const listOf = (items: readonly string[], rest: number, why = ''): string =>
  [...items, ...(rest > 0 ? [`and ${rest} more${why}`] : [])].map(item => `- ${item}`).join('\n')

/** What to do, with a link to its page. */
export const advised = (hint: string, docs: string): string => `${prose(hint)} (${link('Details', docs)})`

/** What ended a run, what to do about it, and the end of what the server said. @param maxOutput of characters */
export function failureBlock({ title, message, hint, docs, where, detail }: FailureSection, maxOutput: number): string {
  const [first = '', ...more] = clip(message, MAX_SENTENCE).split('\n')
  const [toDo = '', ...toPaste] = clip(hint, MAX_SENTENCE).split('\n')
  return paragraphs([
    `**${prose(title)}**${where === null ? '' : ` at ${code(clip(where, MAX_SENTENCE))}`}: ${prose(first)}`,
    more.map(line => `- ${prose(line.replace(/^- /, ''))}`).join('\n'),
    `**What to do**: ${advised(toDo, docs)}`,
    toPaste.length === 0 ? '' : codeBlock(toPaste.join('\n')),
    detail === null ? '' : folded('Server output', codeBlock(tail(detail, maxOutput))),
  ])
}

/** The end of an output: tools say there what went wrong. */
const tail = (text: string, length: number): string =>
  text.length <= length ? text : `…${text.slice(-length).replace(/^[\udc00-\udfff]/, '')}`
