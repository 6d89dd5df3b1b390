import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { debugTo, printable, printableLine } from '../../src/host/server-text.ts'
import { clip, escapeMarkdown, escapeServerText, oneLine } from '../../src/text/escape.ts'
import { mayNotHang } from '../support/hang.ts'

describe('escapeServerText', () => {
  test.each([
    ['plain words', 'plain words'],
    ['two\nlines', 'two\nlines'],
    ['dos\r\nlines', 'dos\nlines'],
    ['10%\r20%\rdone', '10%\n20%\ndone'],
    ['tab\tstays', 'tab\tstays'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u009b1mbold', 'bold'],
    ['\u001b]0;title\u0007x', 'x'],
    ['\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\', 'click'],
    ['\u001b\u001b[0m[31mred', '\\x1b[31mred'],
    ['bell\u0007', 'bell\\x07'],
    ['nul\u0000', 'nul\\x00'],
    ['next\u0085line', 'next\\x85line'],
    ['abc\u202edcba', 'abc\\u202edcba'],
    ['iso\u2066late\u2069', 'iso\\u2066late\\u2069'],
    ['zero\u200bwidth', 'zero\\u200bwidth'],
    ['line\u2028paragraph\u2029', 'line\\u2028paragraph\\u2029'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['half\ud800', 'half\\ud800'],
    ['Grüße 你好 👩\u200d💻', 'Grüße 你好 👩\u200d💻'],
    ['::set-output name=x::y', '\\::set-output name=x::y'],
    ['ok\n  ::error::x', 'ok\n  \\::error::x'],
    ['\u00a0::error::x', '\u00a0\\::error::x'],
    ['a::b', 'a::b'],
    ['##[group]x', '##\\[group]x'],
    ['in the middle ##[add-mask]x', 'in the middle ##\\[add-mask]x'],
    ['###[x]', '###\\[x]'],
    ['[group]', '[group]'],
    [':\u001b[0m:stop-commands::t', '\\::stop-commands::t'],
    ['\r::error::x', '\n\\::error::x'],
    [':\ufe0f:error::x', '\\:\ufe0f:error::x'],
    ['\u200d::error::x', '\u200d\\::error::x'],
    ['#\u200d#[error]x', '#\u200d#\\[error]x'],
  ])('%j → %j', (text, expected) => {
    expect(escapeServerText(text)).toBe(expected)
  })

  test('of any text, leaves neither controls nor commands', () => {
    const piece = fc.constantFrom(
      ':',
      '::',
      '#',
      '##',
      '[',
      ']',
      '\n',
      '\r',
      ' ',
      '\t',
      '\u001b',
      '\u001b[',
      'm',
      '\u202e',
      '\u200d',
      '\ufe0f',
      'error',
      '\u2028',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        const escaped = escapeServerText(pieces.join(''))
        // As the runner reads it: invisible characters do not count.
        const seen = escaped.replace(/\p{DI}/gu, '')
        expect(seen).not.toMatch(/##\[/)
        for (const line of seen.split(/[\n\r\u2028]/)) expect(line.trimStart()).not.toMatch(/^::/)
        expect(escaped).not.toMatch(/[^\n\t\P{Cc}]|[\u202e\u2028]/u)
      }),
      { numRuns: 2000 },
    )
  })

  test('takes time in proportion to the text', () => {
    const hostile = ['\n', ' ', ':', '#', '\u001b]', '\u001b[', '\u200d', '\r'].map(text => text.repeat(400_000))
    mayNotHang(() => hostile.map(escapeServerText))
  })
})

test.each([
  [' a\n b\t\tc ', 'a b c'],
  ['x\n::error::y', 'x \\::error::y'],
])('oneLine %j → %j', (text, expected) => {
  expect(oneLine(text)).toBe(expected)
})

describe('escapeMarkdown', () => {
  test.each([
    ['refs/heads/main', 'refs/heads/main'],
    ['refs/heads/a|b', 'refs/heads/a&#124;b'],
    ['a\\|b', 'a&#92;&#124;b'],
    ['<script>alert(1)</script>', '&#60;script&#62;alert(1)&#60;/script&#62;'],
    ['`x`', '&#96;x&#96;'],
    ['&lt;', '&#38;lt;'],
    ['[x](javascript:alert)', '&#91;x&#93;(javascript<span>:</span>alert)'],
    ['![x](https://e.example/p.png)', '!&#91;x&#93;(https<span>:</span>//e.example/p.png)'],
    ['**bold** _it_ ~~no~~', '&#42;&#42;bold&#42;&#42; &#95;it&#95; &#126;&#126;no&#126;&#126;'],
    ['@everyone', '<span>@</span>everyone'],
    ['fix #123', 'fix <span>#</span>123'],
    ['GH-12', '<span>GH</span>-12'],
    ['www.example.com', '<span>www</span>.example.com'],
    ['a@b.example', 'a<span>@</span>b.example'],
    [':tada:', '<span>:</span>tada:'],
    ['$x$', '<span>$</span>x<span>$</span>'],
    ['error: words: stay', 'error: words: stay'],
    ['- item', '&#45; item'],
    ['1. item', '1&#46; item'],
    ['1.2 MiB', '1.2 MiB'],
    ['# title', '<span>#</span> title'],
    ['    code', 'code'],
    ['two\n\nparagraphs', 'two paragraphs'],
    ['\u001b[31mred', 'red'],
    ['abc\u202ecba', 'abc&#92;u202ecba'],
  ])('%j → %j', (text, expected) => {
    expect(escapeMarkdown(text)).toBe(expected)
  })

  test('of any text, leaves nothing that Markdown, HTML or GitHub would act on', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary-ascii', maxLength: 3 }),
      fc.constantFrom(
        '@everyone',
        '#1',
        'https://e.example',
        'www.e.example',
        'GH-1',
        '<a href="x">',
        '&lt;',
        '`',
        '|',
        '\n',
        '](',
        '::',
        '\\',
      ),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), pieces => {
        const bare = escapeMarkdown(pieces.join(''))
          .replace(/<span>(?:[@#$:]|www|GH)<\/span>/gi, '\0')
          .replace(/&#\d+;/g, '\u0001')
        expect(bare).not.toMatch(/[&<>\\`*_~[\]|@#$\n\r]|:\S|www\.|GH-\d|^(?:[-+=]|\d+[.)](?:\s|$))/i)
      }),
      { numRuns: 2000 },
    )
  })
})

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['a😀b', 3, 'a…'],
])('clip %j to %i → %j', (text, length, expected) => {
  expect(clip(text, length)).toBe(expected)
})

test.each(['a  secret', '::secret', 'secret\u0007', 'two\nlines', '##[secret]'])(
  'a secret is hidden before its form changes: %j',
  secret => {
    const debugged: string[] = []
    const host = { hide: (text: string) => text.replaceAll(secret, '***'), debug: (text: string) => void debugged.push(text) }
    debugTo(host, 'here: ')(`it says ${secret}`)
    expect([printable(secret, host), printableLine(`it says ${secret}`, host), ...debugged]).toEqual([
      '***',
      'it says ***',
      'here: it says ***',
    ])
  },
)
