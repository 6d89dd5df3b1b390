import { describe, expect, test } from '@jest/globals'
import type { RefReport, Report } from '../../src/report/report.ts'
import { renderSummary } from '../../src/report/summary.ts'
import { render } from '../support/rendered.ts'
import { divergentRef, EVERY_REF, failureReport, makeReport, refReport } from '../support/reports.ts'

const rendered = (given: Partial<Report>) => render(renderSummary(makeReport(given)))
const HEAD = ['Ref', 'Outcome', 'Before → after', 'Reason']
const DOCS = /^https:\/\/github\.com\/repository-mirroring\/repository-mirroring\/blob\/main\/docs\/troubleshooting\.md#[a-z-]+$/
const COMMIT = /^https:\/\/github\.com\/o\/here\/commit\/b{40}$/

/** Elements that the summary itself writes. */
const OWN = [
  'h3',
  'p',
  'br',
  'code',
  'span',
  'strong',
  'ul',
  'li',
  'a',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
  'details',
  'summary',
  'pre',
]

const created = (count: number): RefReport[] =>
  Array.from({ length: count }, (_, index) => refReport('created', { ref: `refs/heads/new-${index}` }))

describe('as it is rendered', () => {
  test('nothing to do: one heading', () => {
    const page = rendered({ refs: [refReport('up-to-date')] })
    expect(page.tags).toEqual(['h3'])
    expect(page.text.trim()).toBe('✅ Up to date: 1 ref is the same on both sides')
  })

  test('no refs at all: one heading', () => expect(rendered({ refs: [] }).tags).toEqual(['h3']))

  test('one ref: one table of one row, and the facts at the end', () => {
    const page = rendered({ refs: created(1) })
    expect(page.tables).toEqual([[HEAD, ['refs/heads/new-0', 'created', '– → bbbbbbbbbb', 'why created']]])
    expect(page.texts('p').at(-1)).toBe('git transfer (a clone for this run) · 1.2 MiB · 3.4 s')
    expect(page.links.map(({ address }) => address)).toEqual([expect.stringMatching(COMMIT)])
  })

  test('what failed comes first with what to do, then the table, what was left alone, and the facts', () => {
    const page = rendered({ refs: EVERY_REF })
    const places = [
      '⚠️ Partial',
      'What failed',
      'Connection lost',
      'What to do',
      'Server messages',
      'Before → after',
      'Not changed',
      'Diverged',
      'git transfer',
    ]
    const at = places.map(words => page.text.indexOf(words))
    expect(at).toEqual([...at].sort((a, b) => a - b))
    expect(at).not.toContain(-1)
    expect(page.texts('li').map(text => text.split(':')[0])).toEqual([
      'Connection lost',
      'Protected branch',
      'Ref changed during the run',
      'Diverged',
      'Ref name cannot be mirrored',
      'Only at the destination, not merged',
    ])
    for (const { text, address } of page.links.filter(({ text }) => text === 'Details'))
      expect([text, address]).toEqual([text, expect.stringMatching(DOCS)])
  })

  test('a failure: what, what to do, a line to paste in a block, its own words folded', () => {
    const failure = failureReport('host-key-unknown', { hint: 'add the line\nexample.com ssh-ed25519 AAAA', detail: '```\n</details>\n' })
    const page = rendered({ failure, transfer: null, bytes: 0 })
    expect(page.texts('pre')).toEqual(['example.com ssh-ed25519 AAAA\n', '```\n</details>\n'])
    expect(page.texts('details')).toHaveLength(1)
    expect(page.texts('summary')).toEqual(['Server output'])
  })

  test('20,000 refs: whole tables, every row with four cells, the rest counted', () => {
    const refs = [...created(20_000), refReport('rejected', { code: 'protected-branch' }), divergentRef()]
    // A page of 900,000 bytes is made in report-summary.test.ts: the renderer here needs a second for each 200,000.
    const page = render(renderSummary(makeReport({ refs }), 100_000))
    const rows = page.tables.flat()
    expect(page.tables).toHaveLength(2)
    for (const table of page.tables) expect(table[0]).toEqual(HEAD)
    expect(rows.filter(row => row.length !== 4)).toEqual([])
    expect(page.text).toMatch(/\d+ more refs did not fit; the report file \(output report-file\) has all of them\./)
    expect(page.text).toContain('Not changed')
  })
})

const HOSTILE = [
  'refs/heads/a|b',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '</code></td></tr></table></details><h1>owned</h1>',
  '<!-- ',
  '<details>',
  '[x](javascript:alert(1))',
  '![x](https://evil.example/pixel.png)',
  '[x]: https://evil.example',
  'https://evil.example www.evil.example a@evil.example',
  '<https://evil.example>',
  '&lt;b&gt; &#60;b&#62;',
  '**b** __b__ _i_ ~~s~~ `code`',
  'a\n\n# title\n\n| x | y |\n|---|---|\n| 1 | 2 |',
  '- item\n1. item\n> quote\n---\n===',
  '```\n````\n~~~',
  '\\',
  '[^1]\n\n[^1]: note',
  '- [ ] task',
  '    indented',
]

describe('what is data stays data', () => {
  test.each(HOSTILE)('%j', text => {
    const report = makeReport({
      refs: [refReport('rejected', { ref: text, reason: text, hint: text }), divergentRef({ ref: text, reason: text, hint: text })],
      failure: failureReport('remote-error', { message: text, hint: text, detail: text, side: 'there' }),
      notices: [text],
      destination: { url: text, commits: text },
    })
    const page = render(renderSummary(report))
    expect(page.tags.filter(tag => !OWN.includes(tag))).toEqual([])
    expect(page.attributes.filter(one => !/^(?:a href=|code class=language-text$)/.test(one))).toEqual([])
    expect(page.links.filter(({ address }) => !DOCS.test(address) && !COMMIT.test(address))).toEqual([])
    // One table of two refs, in four cells each; the name reads as it is, on one line.
    expect(page.tables.map(table => table.map(row => row.length))).toEqual([[4, 4, 4]])
    const shown = text.replace(/\s+/g, ' ').trim()
    expect(page.tables[0]?.slice(1).map(([ref]) => ref)).toEqual([shown, shown])
    // Its own words are whole in their block.
    expect(page.texts('pre').some(block => block.trimEnd() === text.trimEnd())).toBe(true)
    expect(page.texts('details')).toHaveLength(2)
  })
})
