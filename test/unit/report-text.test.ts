import { describe, expect, test } from '@jest/globals'
import { composeDocument } from '../../src/report/document.ts'
import { parseReport } from '../../src/report/report-file.ts'
import { renderText } from '../../src/report/text.ts'
import { showBytes, showDuration } from '../../src/text/quantity.ts'
import { EVERY_REF, failureReport, makeReport, refReport, reportJson } from '../support/reports.ts'

const plain = { colour: false }

test('a run that found both sides equal is one line', () => {
  expect(renderText(makeReport({ refs: [refReport('up-to-date')] }), plain)).toBe('✅ Up to date: 1 ref is the same on both sides\n')
})

test('a whole report in columns', () => {
  const report = makeReport({
    refs: [
      refReport('created', { ref: 'refs/tags/v1', reason: 'new at the source' }),
      refReport('rejected', {
        ref: 'refs/heads/main',
        action: 'force',
        reason: 'protected branch\n::error::hook declined',
        code: 'protected-branch',
      }),
      refReport('deleted', { ref: 'refs/heads/old' }),
    ],
    notices: ['a remark'],
  })
  expect(renderText(report, plain)).toBe(`⚠️ Partial: 1 created, 1 deleted, 1 rejected
   push: https://github.com/o/here.git → ssh://git@example.com/o/there.git
   git transfer (a clone for this run) · 1.2 MiB · 3.4 s

ℹ️ a remark

! rejected (force)  refs/heads/main  aaaaaaaaaa ≠ bbbbbbbbbb  protected branch \\::error::hook declined
  deleted           refs/heads/old   aaaaaaaaaa → –           why deleted
  created           refs/tags/v1     –          → bbbbbbbbbb  new at the source

Protected branch
  what to do: remove the rule at the destination, let the mirror's user or key push to this branch (and force-push, if history is rewritten), or leave the branch out of \`branches\`
  details: https://github.com/repository-mirroring/repository-mirroring/blob/main/docs/troubleshooting.md#protected-branch
`)
})

test('a purge that only lists says what it would delete, without links, as a tag has no page of a commit', () => {
  const refs = [refReport('skipped', { ref: 'refs/mirroring/backup/20261125T050138Z/tags/v1', action: 'delete' })]
  const purge = makeReport({ operation: 'purge-backups', dryRun: true, transfer: null, refs })
  expect(parseReport(reportJson(purge))).toMatchObject({ operation: 'purge-backups' })
  expect(renderText(purge, plain)).toContain('Dry run: 1 to delete\n')
  expect(renderText(purge, plain)).toContain('would delete  refs/mirroring/backup/20261125T050138Z/tags/v1  aaaaaaaaaa → –  why')
  const linked = { url: 'https://github.com/o/there.git', commits: 'https://github.com/o/there/commit/' }
  expect(composeDocument({ ...purge, destination: linked }).rows[0]?.before?.link).toBeNull()
  expect(composeDocument(makeReport({ ...purge, refs: [] })).headline).toBe('Nothing to remove: no backup of the selected refs was found')
})

test('a verification says how each ref differs, and counts that', () => {
  const verified = (refs: Parameters<typeof refReport>[1][]) =>
    makeReport({
      ...{ operation: 'verify', dryRun: true, transfer: null, bytes: 0 },
      refs: refs.map(given => refReport('skipped', { reason: 'why', ...given })),
    })
  const text = renderText(
    verified([
      { ref: 'refs/heads/a', action: 'fast-forward', code: 'behind' },
      { ref: 'refs/heads/b', action: 'create', code: 'missing' },
      { ref: 'refs/heads/c', action: 'delete', code: 'extra' },
      { ref: 'refs/heads/d', outcome: 'kept', action: 'keep', code: 'diverged' },
      { ref: 'refs/heads/e', outcome: 'up-to-date', action: 'none' },
    ]),
    plain,
  )
  expect(text).toContain(`⚠️ Not in sync: 1 diverged, 1 behind, 1 missing, 1 extra, 1 ref is the same
   push: https://github.com/o/here.git → ssh://git@example.com/o/there.git
   3.4 s

! behind    refs/heads/a  aaaaaaaaaa ≠ bbbbbbbbbb  why
! missing   refs/heads/b  –          ≠ bbbbbbbbbb  why
! extra     refs/heads/c  aaaaaaaaaa ≠ –           why
! diverged  refs/heads/d  aaaaaaaaaa ≠ bbbbbbbbbb  why

Behind
  what to do: let the mirror run`)
  const both = {
    ...verified([{ ref: 'refs/heads/a', action: 'create', code: 'missing', side: 'here' }]),
    direction: 'bidirectional',
  } as const
  expect(renderText(both, plain)).toContain('! missing here  refs/heads/a')
  const reserved = { ref: 'refs/heads/m', outcome: 'kept', action: 'keep', after: null, code: 'reserved-branch' } as const
  expect(renderText(verified([reserved]), plain)).toMatch(/^✅ In sync: 1 kept, 0 refs are the same\n/)
})

test('a failure, with the end of its own words', () => {
  const detail = Array.from({ length: 40 }, (_, index) => `line ${index}`).join('\n')
  const failure = failureReport('settings-invalid', { message: '2 problems:\n- ::one\n- two', detail, side: 'here' })
  const text = renderText(makeReport({ failure, transfer: null, bytes: 0 }), plain)
  expect(text).toContain(`Invalid settings at https://github.com/o/here.git: 2 problems:
  - ::one
  - two
  what to do: correct the inputs named above
  details: `)
  expect(text).toContain('\n  | (10 lines before)\n  | line 10\n')
  expect(text).toMatch(/ {2}\| line 39\n$/)
})

test('no line is taken for a command or moves the cursor, whatever the server says', () => {
  const hostile = '::error::x\n::add-mask::y\r##[group]z\u001b[2J\u202e'
  const refs = EVERY_REF.map(ref => ({ ...ref, ref: hostile, reason: hostile, hint: hostile }))
  const failure = failureReport('remote-error', { message: hostile, hint: hostile, detail: hostile, side: 'there' })
  const text = renderText(makeReport({ refs, failure, notices: [hostile], destination: { url: hostile, commits: null } }), plain)
  expect(text).not.toMatch(/^\s*::/m)
  expect(text).not.toContain('##[')
  expect(text).not.toMatch(/[^\n\P{Cc}]|\u202e/u)
})

test('colours only when asked for, and nothing but colours', () => {
  const report = makeReport({ refs: EVERY_REF, failure: failureReport('timed-out', { detail: 'x' }) })
  const coloured = renderText(report, { colour: true })
  expect(coloured).toContain('\u001b[31m')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours
  expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(renderText(report, plain))
})

describe('in the log of a runner', () => {
  const folded = { colour: false, folds: true }
  const many = (count: number) => Array.from({ length: count }, (_, index) => refReport('created', { ref: `refs/heads/${index}` }))

  test('what few people read is folded, once it is long', () => {
    const failure = failureReport('timed-out', {
      detail: Array.from({ length: 8 }, (_, index) => `line ${index}\n::endgroup::`).join('\n'),
    })
    const lines = renderText(makeReport({ refs: many(40), failure }), folded).split('\n')
    const groups = lines.filter(line => /^::/.test(line))
    expect(groups).toEqual(['::group::Server output', '::endgroup::', '::group::15 more', '::endgroup::'])
    const rows = lines.slice(lines.indexOf('::group::15 more') + 1, lines.lastIndexOf('::endgroup::'))
    expect(rows).toHaveLength(15)
    expect(lines[lines.indexOf('::group::15 more') - 1]).toMatch(/refs\/heads\/24 /)
    expect(renderText(makeReport({ refs: many(29), failure: failureReport('timed-out', { detail: 'one line' }) }), folded)).not.toContain(
      '::',
    )
  })

  test('everything is everything', () => {
    const text = renderText(makeReport({ refs: many(2000) }), { ...folded, everything: true })
    expect(text.split('\n').filter(line => /refs\/heads/.test(line))).toHaveLength(2000)
    expect(text).toContain('::group::1975 more')
  })
})

describe('size', () => {
  test('50 refs are listed, the rest counted', () => {
    const refs = Array.from({ length: 20_000 }, (_, index) => refReport('created', { ref: `refs/heads/new-${index}` }))
    const text = renderText(makeReport({ refs }), plain)
    expect(text.match(/^ {2}created /gm)).toHaveLength(50)
    expect(text).toMatch(/\n {2}and 19950 more\n$/)
  })

  test('a long reason is cut at the width of the terminal, and only there', () => {
    const refs = [refReport('created', { reason: 'x'.repeat(300) })]
    const row = (text: string) => text.split('\n').find(line => line.startsWith('  created')) ?? ''
    expect(row(renderText(makeReport({ refs }), { colour: false, width: 80 }))).toHaveLength(80)
    expect(row(renderText(makeReport({ refs }), { colour: false, width: 10 }))).toMatch(/x{19}…$/)
    expect(row(renderText(makeReport({ refs }), plain))).toMatch(/x{300}$/)
  })

  test('one long name does not push every row to the right', () => {
    const long = `refs/heads/${'x'.repeat(200)}`
    const refs = [refReport('created', { ref: long }), refReport('created', { ref: 'refs/heads/a' })]
    const text = renderText(makeReport({ refs }), plain)
    expect(text).toContain(long)
    expect(text).toMatch(/refs\/heads\/a {30}–/)
  })
})

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [1024, '1.0 KiB'],
  [1_258_291, '1.2 MiB'],
  [5 * 1024 ** 4, '5.0 TiB'],
  [5 * 1024 ** 5, '5120.0 TiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(showBytes(bytes)).toBe(text)
})

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [3400, '3.4 s'],
  [59_949, '59.9 s'],
  [59_950, '1 min 0 s'],
  [125_000, '2 min 5 s'],
  [3_720_000, '1 h 2 min'],
])('%i ms are %s', (milliseconds, text) => {
  expect(showDuration(milliseconds)).toBe(text)
})
