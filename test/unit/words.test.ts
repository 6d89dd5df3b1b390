import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { KINDS } from '../../src/errors/kinds.ts'
import { INPUTS } from '../../src/settings/inputs.ts'
import { readActionFile } from '../support/action-file.ts'
import { type SourceText, textsOfSource } from '../support/texts-of-source.ts'

const MAX_WORDS = 30

/** Phrases that a reader has to decode, and what to write instead. */
const DECODED: readonly (readonly [RegExp, string])[] = [
  [/\b(?:nobody|somebody|whoever|anybody|everybody)\b/i, 'name the person or the program'],
  [/\b(?:is|are|was|were|be|been) told\b(?! apart)/i, 'is reported'],
  [/\bboth ways\b/i, 'both directions'],
  [/^(?:Who|Whom|Whose|Whoever|What|Of|Where)\s(?!to do:|.*\?$)/, 'begin with the subject'],
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

/** Rows of a help are paragraphs, and so are the tags of a comment. */
const spread = (text: string): string =>
  text.replace(/\n {2}(?=\S)| · | {3,}/g, '\n\n').replace(/ *@(?:returns|throws|param \w+)(?=\s)/g, '\n\n')

/** A shorter text is a label, a name or an argument. */
const MIN_WORDS_OF_TEXT = 4

/** Every comment and text of the files below a folder, with its place. */
function textsBelow(folder: string): { readonly place: string; readonly kind: 'comment' | 'text'; readonly text: string }[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => /\.(?:ts|mjs)$/.test(name))
  return names.flatMap(name => {
    const path = join(folder, name)
    return textsOfSource(readFileSync(path, 'utf8')).map(({ kind, line, text }) => ({ place: `${path}:${line}`, kind, text: spread(text) }))
  })
}

/** Only the comments of the tests' own support are read. */
const FOLDERS = [
  ...readdirSync('src')
    .filter(name => !name.endsWith('.ts'))
    .map(name => join('src', name)),
  'test/support',
]

describe('source files are written in the same way', () => {
  test.each(FOLDERS)('%s', folder => {
    const isRead = (text: string): boolean => folder.startsWith('src') && wordsOf(text).length >= MIN_WORDS_OF_TEXT
    const texts = textsBelow(folder).filter(({ kind, text }) => kind === 'comment' || isRead(text))
    expect(texts.flatMap(({ place, text }) => faultsOf(text).map(fault => `${place}: ${fault}`))).toEqual([])
  })

  test('they are read at all: help, advice, messages and comments', () => {
    const texts = new Set(textsBelow('src').map(({ text }) => text))
    for (const { hint } of Object.values(KINDS)) expect(texts).toContain(hint)
    expect([...texts].join('\n')).toContain('Show what `mirror` would do.')
    expect(texts.size).toBeGreaterThan(2500)
  })
})

test.each<[string, string, readonly SourceText[]]>([
  ['lines of comments', 'x // One\n// two.\n\n// Three.', [comment(1, 'One\ntwo.'), comment(4, 'Three.')]],
  ['a doc comment', '/**\n * One\n * two.\n */\nx', [comment(1, 'One\ntwo.')]],
  [
    'texts and templates',
    `\`a \${b ? \`c \${d} {\` : "e"} f\`; 'it\\'s'`,
    [words(1, 'a code f'), words(1, 'c code {'), words(1, 'e'), words(1, "it's")],
  ],
  ['no text in a regular expression', "f(/['`/]\\//g) / 2 // 'x'", [comment(1, "'x'")]],
])('a source has %s', (_, source, expected) => {
  expect(textsOfSource(source)).toEqual(expected)
})

function comment(line: number, text: string): SourceText {
  return { kind: 'comment', line, text }
}

function words(line: number, text: string): SourceText {
  return { kind: 'text', line, text }
}

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
