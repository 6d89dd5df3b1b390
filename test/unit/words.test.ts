import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { INPUTS } from '../../src/settings/inputs.ts'
import { readActionFile } from '../support/action-file.ts'

const MAX_WORDS = 30

/** Phrases that a reader has to decode, and what to write instead. */
const DECODED: readonly (readonly [RegExp, string])[] = [
  [/\b(?:nobody|somebody|whoever|anybody|everybody)\b/i, 'name the person or the program'],
  [/\b(?:is|are|was|were|be|been) told\b/i, 'is reported'],
  [/\bboth ways\b/i, 'both directions'],
  [/^(?:Who|Whom|Whose|What|Of|Where)\s(?!.*\?$)/, 'begin with the subject'],
  [/(?:^|[,;:] )else,? /i, 'otherwise'],
  [/\bin vain\b/i, 'without effect'],
  [/\bcame to nothing\b/i, 'failed'],
]

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...pagesIn('docs'), ...pagesIn('docs/decisions')]

function pagesIn(folder: string): string[] {
  const names = readdirSync(folder).filter(name => name.endsWith('.md'))
  return names.map(name => join(folder, name))
}

/** The prose of a page, by paragraph, list item and cell: without code, quoted messages, headings and the addresses of links. */
function paragraphsOf(page: string): string[] {
  const prose = page
    .replace(/^( *)```.*?^\1```$/gms, '')
    .replace(/<!--.*?-->/gs, '')
    .replace(/^(?:>|#|\*\*.*\*\*$).*$/gm, '')
    .replace(/^ *\|.*\|$/gm, row => row.replace(/(?<!\\)\|/g, '\n\n'))
    .replace(/`[^`]*`|"[^"\n]*"/g, 'code')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\*\*|(?<!\w)\*|\*(?!\w)/g, '')
  return prose.split(/\n\s*\n|\n\s*(?:[-*]|\d+\.) /).map(text =>
    text
      .replace(/\s+/g, ' ')
      .replace(/^(?:[-*]|\d+\.) /, '')
      .trim(),
  )
}

const sentencesOf = (paragraph: string): string[] =>
  paragraph.split(/(?<=[.?!]["”)]?) (?=["“(]?[\p{Lu}\d]|code|git|node)/u).filter(text => text !== '')

const wordsOf = (sentence: string): string[] => sentence.split(' ').filter(word => /[\p{L}\p{N}]/u.test(word))

/** What is wrong with the sentences of a text. */
const faultsOf = (text: string): string[] =>
  paragraphsOf(text)
    .flatMap(sentencesOf)
    .flatMap(sentence => {
      const { length } = wordsOf(sentence)
      const decoded = DECODED.filter(([phrase]) => phrase.test(sentence)).map(([, advice]) => `${advice}: ${sentence}`)
      return length > MAX_WORDS ? [`${length} words: ${sentence}`, ...decoded] : decoded
    })

describe('documents are written in short, plain sentences', () => {
  test.each(pages)('%s', page => {
    expect(faultsOf(readFileSync(page, 'utf8'))).toEqual([])
  })

  test.each(INPUTS.map(({ name, description }) => [name, description] as const))('the input %s', (_, description) => {
    expect(faultsOf(description)).toEqual([])
  })

  test.each(Object.entries(readActionFile(process.cwd()).outputs ?? {}))('the output %s', (_, output) => {
    expect(faultsOf((output as { readonly description: string }).description)).toEqual([])
  })
})

test.each([
  ['a long sentence', `One ${'word '.repeat(MAX_WORDS)}too many.`, [/^33 words: One/]],
  ['a long item of a list', `- Short.\n- ${'word '.repeat(MAX_WORDS + 1)}`, [/^31 words: /]],
  ['decoded phrases', 'Nobody is told. Who pushes, wins.', [/^name the person/, /^is reported/, /^begin with the subject/]],
  ['a real question', 'Who may push?', []],
  ['a long cell', `| a | ${'word '.repeat(MAX_WORDS + 1)} |\n| b | c |\n`, [/^31 words: /]],
  ['code and quoted messages', `\`\`\`sh\n${'x '.repeat(40)}\n\`\`\`\n\n> ${'x '.repeat(40)}\n\nIt says "nobody".`, []],
])('%s', (_, text, expected) => {
  expect(faultsOf(text)).toEqual(expected.map(fault => expect.stringMatching(fault)))
})
