import { describe, expect, test } from '@jest/globals'
import type { RefReport, Report } from '../../src/report/report.ts'
import { renderSummary } from '../../src/report/summary.ts'
import { divergentRef, EVERY_REF, failureReport, makeReport, oid, refReport } from '../support/reports.ts'

const same = (count: number): RefReport[] =>
  Array.from({ length: count }, (_, index) => refReport('up-to-date', { ref: `refs/heads/same-${index}` }))
const created = (count: number): RefReport[] =>
  Array.from({ length: count }, (_, index) => refReport('created', { ref: `refs/heads/new-${index}` }))
const rowsIn = (markdown: string): string[] => markdown.split('\n').filter(line => line.startsWith('| <code>'))
const heading = (report: Report): string => renderSummary(report).split('\n')[0] ?? ''

describe('the headline', () => {
  test.each<[string, Partial<Report>]>([
    ['### ✅ Up to date: neither side has a ref to mirror', { refs: [] }],
    ['### ✅ Up to date: 1 ref is the same on both sides', { refs: same(1) }],
    ['### ✅ Up to date: 40 refs are the same on both sides', { refs: same(40) }],
    ['### ⏭️ Skipped: not yet due: tomorrow', { refs: [], status: 'skipped', skipped: 'not yet due: tomorrow' }],
    ['### ✅ Nothing to do: 1 kept, 2 up to date', { refs: [...same(2), refReport('kept', { code: 'not-pruned' })] }],
    ['### ✅ Updated: 2 created, 1 forced, 40 up to date', { refs: [...created(2), refReport('forced'), ...same(40)] }],
    ['### ⚠️ Partial: 1 created, 1 rejected', { refs: [...created(1), refReport('rejected')] }],
    [
      '### ⚠️ Partial: 3 kept (1 diverged, 1 unknown)',
      { refs: [divergentRef(), divergentRef({ code: 'relation-unknown' }), refReport('kept', { code: 'not-merged' })] },
    ],
    ['### ❌ Failed: 1 rejected, 1 up to date', { refs: [refReport('rejected'), ...same(1)] }],
    ['### ❌ Failed: Timed out', { failure: failureReport('timed-out') }],
    [
      '### ⚠️ Partial: Connection lost; 1 created, 1 skipped',
      {
        refs: [...created(1), refReport('skipped', { action: 'create' })],
        failure: failureReport('connection-lost'),
      },
    ],
    [
      '### ⚠️ Dry run: 1 to create, 2 to delete, 1 skipped, 1 up to date',
      {
        dryRun: true,
        refs: [
          refReport('skipped', { action: 'create' }),
          refReport('skipped', { action: 'delete' }),
          refReport('skipped', { action: 'delete' }),
          refReport('skipped', { code: 'name-unusable' }),
          ...same(1),
        ],
      },
    ],
    [
      '### ⚠️ Dry run: 1 to create, 1 kept (1 diverged)',
      { dryRun: true, refs: [refReport('skipped', { action: 'create' }), divergentRef()] },
    ],
    ['### ✅ Up to date: 1 ref is the same on both sides', { dryRun: true, refs: same(1) }],
  ])('%s', (expected, given) => {
    expect(heading(makeReport(given))).toBe(expected)
  })
})

test('a run that found both sides equal is one line, and its notices', () => {
  expect(renderSummary(makeReport({ refs: same(3) }))).toBe('### ✅ Up to date: 3 refs are the same on both sides\n')
  expect(renderSummary(makeReport({ notices: ['`branches`: the pattern "x*" matches nothing'] }))).toBe(
    '### ✅ Up to date: neither side has a ref to mirror\n\n- ℹ️ <code>branches</code>: the pattern "x&#42;" matches nothing\n',
  )
})

test.each([
  ['set `keep-divergent: true` or not', 'set <code>keep-divergent: true</code> or not'],
  ['`a` and `b|c`', '<code>a</code> and <code>b&#124;c</code>'],
  ['a lone ` backtick', 'a lone &#96; backtick'],
  ['` not a pair `', '&#96; not a pair &#96;'],
  ['`<b>`', '<code>&#60;b&#62;</code>'],
])('in the sentence %j only pairs of backticks count', (reason, expected) => {
  expect(rowsIn(renderSummary(makeReport({ refs: [refReport('created', { reason })] })))[0]).toContain(`| ${expected} |`)
})

test('a whole summary', () => {
  const commits = 'https://forge.example/o/there/commit/'
  const report = makeReport({
    refs: [
      ...same(2),
      refReport('created', { ref: 'refs/tags/v1', reason: 'new at the source' }),
      refReport('rejected', {
        ref: 'refs/heads/main',
        action: 'force',
        reason: 'protected branch\nhook declined',
        code: 'protected-branch',
      }),
      refReport('deleted', { ref: 'refs/heads/old', reason: 'not at the source, merged into its default branch' }),
    ],
    destination: { url: 'https://forge.example/o/there.git', commits },
    attempts: 2,
    notices: ['a remark'],
  })
  const [a, b] = [oid('a'), oid('b')]
  expect(renderSummary(report)).toBe(`### ⚠️ Partial: 1 created, 1 deleted, 1 rejected, 2 up to date

push: <code>https<span>:</span>//github.com/o/here.git</code> → <code>https<span>:</span>//forge.example/o/there.git</code>

**What failed**

- **Protected branch**: <code>refs/heads/main</code><br>What to do: remove the rule at the destination, let the mirror's user or key push to this branch (and force-push, if history is rewritten), or leave the branch out of <code>branches</code> ([Details](https://github.com/repository-mirroring/repository-mirroring/blob/main/docs/troubleshooting.md#protected-branch))

<details><summary>Server messages</summary>

\`\`\`text
refs/heads/main: protected branch
hook declined
\`\`\`

</details>

- ℹ️ a remark

| Ref | Outcome | Before → after | Reason |
|---|---|---|---|
| <code>refs/heads/main</code> | ❌ rejected (force) | [<code>aaaaaaaaaa</code>](${commits}${a}) ≠ [<code>bbbbbbbbbb</code>](https://github.com/o/here/commit/${b}) | protected branch hook declined |
| <code>refs/heads/old</code> | deleted | [<code>aaaaaaaaaa</code>](${commits}${a}) → – | not at the source, merged into its default branch |
| <code>refs/tags/v1</code> | created | – → <code>bbbbbbbbbb</code> | new at the source |

git transfer (a clone for this run) · 1.2 MiB · 3.4 s · 2 attempts
`)
})

test('a failure: what, where, what to do, a line to paste, and its own words folded in a fence that they cannot end', () => {
  const failure = failureReport('host-key-unknown', {
    message: 'the host "example.com" is not known:\n- offered: x',
    problems: ['offered: x'],
    hint: 'add the line to `known-host-keys`\nexample.com ssh-ed25519 AAAA',
    side: 'there',
    detail: '```\n</details>\n\u001b[31m@everyone\n````',
  })
  const markdown = renderSummary(makeReport({ failure, transfer: null, bytes: 0 }))
  expect(markdown).toBe(`### ❌ Failed: Unknown host

push: <code>https<span>:</span>//github.com/o/here.git</code> → <code>ssh<span>:</span>//git<span>@</span>example.com/o/there.git</code>

**Unknown host** at <code>ssh<span>:</span>//git<span>@</span>example.com/o/there.git</code>: the host "example.com" is not known:

- offered: x

**What to do**: add the line to <code>known-host-keys</code> ([Details](https://github.com/repository-mirroring/repository-mirroring/blob/main/docs/troubleshooting.md#host-key-unknown))

\`\`\`text
example.com ssh-ed25519 AAAA
\`\`\`

<details><summary>Server output</summary>

\`\`\`\`\`text
\`\`\`
</details>
@everyone
\`\`\`\`
\`\`\`\`\`

</details>

3.4 s
`)
})

test('a run that ended before it knew its sides has no line about them', () => {
  const nowhere = { url: '', commits: null }
  const report = makeReport({
    failure: failureReport('settings-invalid', { side: 'here' }),
    source: nowhere,
    destination: nowhere,
    durationMs: 0,
    transfer: null,
    bytes: 0,
  })
  expect(renderSummary(report)).not.toMatch(/push|<code>| at /)
})

test('each outcome has its row but up-to-date, and advice comes once for each kind', () => {
  const markdown = renderSummary(
    makeReport({ refs: [...EVERY_REF, refReport('rejected', { ref: 'refs/heads/z', code: 'protected-branch' })] }),
  )
  const rows = rowsIn(markdown)
  expect(rows.map(row => row.split(' | ')[1])).toEqual([
    '❌ failed (fast-forward)',
    '❌ rejected (fast-forward)',
    '❌ rejected (fast-forward)',
    '❌ raced (fast-forward)',
    '⚠️ kept',
    '⚠️ skipped',
    'forced',
    'deleted',
    'kept',
    'created',
    'updated',
  ])
  expect(markdown.match(/^- \*\*Protected branch\*\*/gm)).toHaveLength(1)
})

describe('size', () => {
  test('25 rows in sight, the rest folded', () => {
    expect(renderSummary(makeReport({ refs: created(25) }))).not.toContain('<details>')
    const markdown = renderSummary(makeReport({ refs: created(26) }))
    expect(markdown).toContain('<details><summary>1 more</summary>\n\n| Ref |')
    expect(rowsIn(markdown)).toHaveLength(26)
    expect(rowsIn(markdown.split('<details>')[0] ?? '')).toHaveLength(25)
  })

  test('20,000 refs stay below the limit, and what is left out is counted', () => {
    const refs = [...created(20_000), ...same(20_000), refReport('rejected', { reason: 'ü'.repeat(10_000) })]
    const markdown = renderSummary(makeReport({ refs }))
    expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(900_000)
    expect(Buffer.byteLength(markdown)).toBeGreaterThan(850_000)
    const left = Number(/^(\d+) more refs did not fit/m.exec(markdown)?.[1])
    expect(left).toBeGreaterThan(0)
    expect(rowsIn(markdown).length + left).toBe(20_001)
    expect(rowsIn(markdown)[0]).toContain('refs/heads/rejected')
    expect(markdown).not.toContain('same-1')
    expect(markdown.match(/<\/?details>/g)).toEqual(['<details>', '</details>', '<details>', '</details>'])
  })

  test('the longest of everything stays below the limit', () => {
    const long = '@€'.repeat(1_000_000)
    const refs = Array.from({ length: 50 }, (_, index) =>
      refReport('rejected', { ref: `refs/heads/${index}${long.slice(0, 4000)}`, reason: long, hint: `${index}${long}` }),
    )
    const report = makeReport({
      refs,
      notices: Array.from({ length: 50 }, () => long),
      failure: failureReport('remote-error', { message: long, hint: long, detail: long, side: 'here' }),
      source: { url: `https://x/${long}`, commits: null },
    })
    const markdown = renderSummary(report)
    expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(900_000)
    expect(rowsIn(markdown).length).toBeGreaterThan(0)
    expect(markdown).toContain('- and 30 more')
  })
})

describe('hostile names and words', () => {
  const HOSTILE = [
    'refs/heads/a|b',
    'refs/heads/<script>alert(1)</script>',
    'refs/heads/`rm`',
    '[x](javascript:alert(1))',
    '![x](https://evil.example/pixel.png)',
    '@everyone',
    'fixes #123 and o/r#1',
    '::error::x',
    '##[error]x',
    '\u001b[31mred',
    'abc\u202ecba',
    'a\n\n# title\n| x | y |',
    '</code></td></table><img src=x onerror=alert(1)>',
    '&lt;img&gt; &#60;b&#62;',
    'https://evil.example www.evil.example a@evil.example',
    '<!-- \\',
    '``` ~~~ *b* _i_ ~s~ $x$ :tada:',
  ]

  test.each(HOSTILE)('%j', text => {
    const refs = [refReport('rejected', { ref: text, reason: text, hint: text })]
    const failure = failureReport('remote-error', { message: text, hint: text, side: 'there' })
    const markdown = renderSummary(makeReport({ refs, failure, notices: [text], destination: { url: text, commits: text } }))
    // Only what the summary itself writes may be active; take that away, and nothing active is left.
    const own =
      /<\/?details>|<summary>Server messages<\/summary>|<code>|<\/code>|<br>|<span>(?:[@#$:]|www|GH)<\/span>|&#\d+;|\*\*|^- |^### |^\|[-|]+\|$|^\| | \| | \|$|\[(?:Details|<code>b{10}<\/code>)\]\(https:\/\/github\.com\/[\w/.#-]+\)|refs?\/heads\/|https:\/\/github\.com\/o\/here\.git/gm
    // Links first, while their labels are whole; lines to paste stand in a fence.
    const rest = markdown
      .replace(/\[<code>(b{10})<\/code>\]\(https:\/\/github\.com\/o\/here\/commit\/b{40}\)/g, '$1')
      .replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '')
      .replace(own, ' ')
    expect(rest).not.toMatch(/[<>`[\]\\|*_~@#$&]|:\/\/|javascript:|www\.|::/)
    // One row, four cells.
    expect(rowsIn(markdown)).toHaveLength(1)
    expect(rowsIn(markdown)[0]?.split('|')).toHaveLength(6)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
    expect(markdown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  })

  test('an address of commits that could end its link is not linked', () => {
    for (const commits of ['javascript:alert(1)//', 'https://x/) [y](https://evil.example/', 'https://x/|', 'https://x/ y']) {
      const markdown = renderSummary(makeReport({ refs: created(1), source: { url: 'x', commits } }))
      expect(rowsIn(markdown)[0]).toContain('– → <code>bbbbbbbbbb</code> |')
    }
  })
})
