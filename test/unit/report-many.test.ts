import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { Kind } from '../../src/errors/kinds.ts'
import { annotationsOfAll } from '../../src/report/annotations.ts'
import { outputsOfAll, reportsJson } from '../../src/report/outputs.ts'
import type { RefReport, Report } from '../../src/report/report.ts'
import { allInSync, type Reports, statusOfAll, worstExitCode } from '../../src/report/reports.ts'
import { renderSummaries } from '../../src/report/summary.ts'
import { renderTexts } from '../../src/report/text.ts'
import type { FAIL_ON } from '../../src/settings/settings.ts'
import { readActionFile } from '../support/action-file.ts'
import { divergentRef, failureReport, makeReport, refReport } from '../support/reports.ts'

const DEFAULT_FAIL_ON = new Set(['rejected', 'diverged'] as const)
const many = (reports: Readonly<Record<string, Report>>, failOn: ReadonlySet<(typeof FAIL_ON)[number]> = DEFAULT_FAIL_ON): Reports => ({
  mirrors: Object.entries(reports).map(([name, report]) => ({ name, report, failOn })),
  startedAt: '2026-11-25T05:01:38.000Z',
  durationMs: 1500,
})
const failed = (kind: Kind) => makeReport({ failure: failureReport(kind) })
const updated = makeReport({ refs: [refReport('created')] })
const same = makeReport({ refs: [refReport('up-to-date')] })
const partial = makeReport({ refs: [refReport('updated'), refReport('rejected')] })
const dry = makeReport({ dryRun: true, refs: [refReport('skipped', { action: 'create' })] })

test.each<[string, Report[], string, number]>([
  ['all the same', [same, same], 'up-to-date', 0],
  ['one updated', [same, updated], 'updated', 0],
  ['one failed', [updated, failed('timed-out')], 'partial', 4],
  ['all failed', [failed('timed-out'), failed('settings-invalid')], 'failed', 2],
  ['one partial', [same, partial], 'partial', 1],
  ['a dry run', [dry, dry], 'skipped', 0],
  ['a dry run of what is the same in part', [dry, same], 'skipped', 0],
  ['a bug and a host', [failed('internal'), failed('host-key-changed')], 'failed', 70],
  ['a host and a ref', [partial, failed('host-key-changed')], 'partial', 3],
])('%s: status and exit code', (_, reports, status, code) => {
  const all = many(Object.fromEntries(reports.map((report, index) => [`m${index}`, report])))
  expect([statusOfAll(all), worstExitCode(all)]).toEqual([status, code])
})

test('in sync only where every mirror is', () => {
  expect(allInSync(many({ a: same, b: updated }))).toBe(true)
  expect(allInSync(many({ a: same, b: partial }))).toBe(false)
})

test('each mirror fails by its own `fail-on`', () => {
  expect(worstExitCode(many({ a: partial }, new Set(['never'] as const)))).toBe(0)
})

test('the outputs are sums', () => {
  const {
    status,
    created,
    rejected,
    updated: moved,
    mirrors,
    refs,
  } = outputsOfAll(many({ a: updated, b: partial, c: failed('timed-out') }))
  expect({ status, created, rejected, moved, refs }).toEqual({ status: 'partial', created: '1', rejected: '1', moved: '1', refs: '[]' })
  expect(JSON.parse(mirrors ?? '')).toEqual([
    { name: 'a', status: 'updated', 'in-sync': true },
    { name: 'b', status: 'partial', 'in-sync': false },
    { name: 'c', status: 'failed', 'in-sync': false },
  ])
})

test('why nothing was done: where no mirror was looked at', () => {
  const skipped = (reason: string) => makeReport({ status: 'skipped', skipped: reason })
  const reasonOf = (reports: Readonly<Record<string, Report>>) => outputsOfAll(many(reports))['skipped-reason']
  expect(reasonOf({ a: skipped('a fork'), b: skipped('a fork') })).toBe('a fork')
  expect(reasonOf({ a: skipped('a fork'), b: skipped('not yet due') })).toBe('a: a fork; b: not yet due')
  expect(reasonOf({ a: skipped('a fork'), b: dry })).toBe('')
  expect(reasonOf({ a: skipped('a fork'), b: failed('timed-out') })).toBe('')
})

test('each output of the action is one of all mirrors, or one of those of which the docs say that they stay empty', () => {
  const outputs = outputsOfAll(many({ a: updated, b: makeReport({ standing: { consecutiveFailures: 1, nextDue: null } }) }))
  const told = readFileSync('docs/many-mirrors.md', 'utf8').match(/Outputs of one mirror stay empty: (.*?)\. /)?.[1] ?? ''
  const empty = [...told.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name)
  for (const name of empty) expect([undefined, '', '[]']).toContain(outputs[name])
  // `list-mirrors` gives the matrix; the file is written after the others are known.
  const others = ['matrix', 'report-file']
  const expected = Object.keys(readActionFile(process.cwd()).outputs ?? {}).filter(name => !empty.includes(name) && !others.includes(name))
  expect(
    Object.keys(outputs)
      .filter(name => !empty.includes(name))
      .sort(),
  ).toEqual(expected.sort())
})

test('the text ends with one line a mirror', () => {
  const text = renderTexts(many({ first: same, b: failed('timed-out') }), { colour: false })
  expect(text).toMatch(/^== first\n✅ Up to date: 1 ref is the same on both sides\n\n== b\n❌ Failed: /)
  expect(
    text.endsWith(
      `2 mirrors: 1 failed, 1 up to date (1.5 s)\n  ✅ first  Up to date: 1 ref is the same on both sides\n  ❌ b      Failed: ${failureReport('timed-out').title}\n`,
    ),
  ).toBe(true)
})

describe('the summary', () => {
  test('has a table that links each report, and those that need somebody first', () => {
    const summary = renderSummaries(many({ fine: updated, bad: failed('timed-out'), odd: partial }))
    expect(summary).toContain('### ⚠️ 3 mirrors: 1 failed, 1 partial, 1 updated')
    expect(summary).toContain('| <a href="#mirror-1"><code>fine</code></a> | ✅ Updated: 1 created | ')
    expect(summary.match(/^## .*$/gm)).toEqual(['## bad', '## odd', '## fine'])
    expect(summary.match(/<a name="mirror-\d"><\/a>/g)).toEqual(['2', '3', '1'].map(n => `<a name="mirror-${n}"></a>`))
  })

  test('stays below the limit of the runner, and says what it leaves out', () => {
    const refs = Array.from({ length: 3000 }, (_, i): RefReport => refReport('created', { ref: `refs/heads/${'x'.repeat(60)}${i}` }))
    const large = makeReport({ refs })
    const summary = renderSummaries(many(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`m${i}`, large]))))
    expect(Buffer.byteLength(summary)).toBeLessThan(1_000_000)
    expect(summary).toMatch(/The reports of \d more did not fit/)
  })

  test('server text cannot leave its place', () => {
    const report = makeReport({ failure: failureReport('timed-out', { title: '| <b>x' }) })
    expect(renderSummaries(many({ a: report }))).not.toContain('| <b>')
  })
})

describe('annotations', () => {
  test('begin with the name of their mirror', () => {
    const annotations = annotationsOfAll(many({ a: failed('timed-out'), b: same, c: makeReport({ refs: [divergentRef()] }) }))
    expect(annotations.map(({ level, title }) => [level, title.split(':')[0]])).toEqual([
      ['error', 'a'],
      ['warning', 'c'],
    ])
  })

  test.each([
    [10, 10, /^m9: /],
    [11, 10, /^More$/],
    [300, 10, /^More$/],
  ])('of %d there are %d, the last of which is %s', (count, shown, last) => {
    const annotations = annotationsOfAll(many(Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, failed('timed-out')]))))
    expect(annotations).toHaveLength(shown)
    expect(annotations.at(-1)?.title).toMatch(last)
    if (count > shown) expect(annotations.at(-1)?.message).toContain('m9, m10')
  })
})

test('the JSON comes in pieces, and is as JSON.stringify writes it: two mirrors, one of them without refs; one mirror alone', () => {
  const large = makeReport({ refs: Array.from({ length: 1000 }, (_, index) => refReport('created', { ref: `refs/heads/${index}` })) })
  const one = { ...many({ a: large }), mirrors: [{ name: '', report: large, failOn: new Set<never>() }] }
  for (const reports of [many({ a: large, b: makeReport({ refs: [] }) }), many({}), one]) {
    const pieces = [...reportsJson(reports)]
    const json = pieces.join('')
    expect(json).toBe(`${JSON.stringify(JSON.parse(json), null, 2)}\n`)
    expect(pieces.every(piece => piece.length < 40_000)).toBe(true)
  }
})

test('the JSON has the keys of docs/reports.schema.json, and in each mirror a report', () => {
  const schema = JSON.parse(readFileSync(new URL('../../docs/reports.schema.json', import.meta.url), 'utf8'))
  const json = JSON.parse([...reportsJson(many({ a: updated }))].join(''))
  expect(Object.keys(json)).toEqual(schema.required)
  expect(Object.keys(schema.properties)).toEqual(schema.required)
  expect(Object.keys(json.mirrors[0])).toEqual(schema.properties.mirrors.items.required)
  expect(schema.properties.mirrors.items.properties.report.$ref).toBe('report.schema.json')
  expect(json.mirrors[0].report).toMatchObject({ version: 1, status: 'updated' })
})
