import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { summarize } from '../../src/commands/summarize.ts'
import { outputsOfAll, reportsJson } from '../../src/report/outputs.ts'
import type { Report } from '../../src/report/report.ts'
import { renderSummaries } from '../../src/report/summary.ts'
import { renderTexts } from '../../src/report/text.ts'
import { divergentRef, EVERY_REF, failureReport, makeReport, reportJson } from '../support/reports.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const fine = makeReport({ refs: EVERY_REF })
const kept = makeReport({ refs: [divergentRef({ resolve: [{ what: 'take it', command: 'git push' }] })] })
const failed = makeReport({ failure: failureReport('timed-out') })

function written(reports: Readonly<Record<string, Report | string>>): string {
  const directory = temporaryDirectory()
  for (const [name, report] of Object.entries(reports))
    writeFileSync(join(directory, name), typeof report === 'string' ? report : reportJson(report))
  return directory
}

const statuses = async (directory: string, names: readonly string[] = []) =>
  (await summarize(directory, names)).mirrors.map(({ name, report }) => `${name} ${report.failure?.kind ?? report.status}`)

test('a report comes back from its file as it was', async () => {
  const { mirrors } = await summarize(written({ 'a.json': fine, 'b.json': kept, 'c.json': failed }), [])
  for (const [index, report] of [fine, kept, failed].entries()) expect(mirrors[index]?.report).toMatchObject({ ...report })
  for (const { report } of mirrors) expect(report.skipped).toBeUndefined()
  const summary = renderSummaries({ mirrors, startedAt: fine.startedAt, durationMs: 1 })
  expect(summary.match(/How to settle/g)).toHaveLength(1)
})

test('a report of an earlier version, whose failure lists no problems, can be read', async () => {
  const earlier = JSON.parse(reportJson(failed))
  delete earlier.failure.problems
  const { mirrors } = await summarize(written({ 'a.json': JSON.stringify(earlier) }), [])
  expect(mirrors[0]?.report.failure).toEqual({ ...failed.failure, problems: [] })
})

describe('which mirrors', () => {
  const directory = written({ 'b.json': fine, 'a.json': kept, 'notes.txt': 'x' })
  test('all that there are, by name', async () => expect(await statuses(directory)).toEqual(['a partial', `b ${fine.status}`]))
  test('those that are named, in their order; one without a report failed', async () =>
    expect(await statuses(directory, ['b', 'lost', 'a'])).toEqual([`b ${fine.status}`, 'lost no-report', 'a partial']))
  test('of a directory that is not there, none has a report', async () =>
    expect(await statuses(join(directory, 'none'), ['a'])).toEqual(['a no-report']))
})

test.each<[string, string]>([
  ['half a file', '{"version": 1,'],
  ['no object', '"x"'],
  ['another version', '{"version": 2}'],
  ['the reports of many', [...reportsJson({ mirrors: [], startedAt: '2026-11-25T05:01:38.000Z', durationMs: 1 })].join('')],
  ['only the beginning of one', '{"version": 1, "refs": null}'],
  ['the beginning with refs', '{"version": 1, "refs": []}'],
  ...(
    [
      ['startedAt', undefined],
      ['startedAt', 'yesterday'],
      ['refs', null],
      ['refs', [{ ref: 'refs/heads/main' }]],
      ['counts', {}],
      ['durationMs', '1'],
      ['failure', { kind: 'no-such-kind' }],
      ['source', null],
      ['notices', [1]],
      ['standing', { consecutiveFailures: '3', nextDue: null }],
      ['standing', { consecutiveFailures: 3, nextDue: 'soon' }],
      ['status', 'fine'],
    ] as const
  ).map(([name, value]): [string, string] => [
    `one with ${name} as ${JSON.stringify(value)}`,
    JSON.stringify({ ...JSON.parse(reportJson(fine)), [name]: value }),
  ]),
])('%s is no report', async (_, text) => expect(await statuses(written({ 'a.json': text }))).toEqual(['a no-report']))

test('a file that is no report keeps no other mirror from being told', async () =>
  expect(await statuses(written({ 'a.json': '{"version":1,"refs":null}', 'b.json': kept }))).toEqual(['a no-report', 'b partial']))

test('a run that was skipped says why, and no other does', async () => {
  const skipped = makeReport({ status: 'skipped', skipped: 'this is a fork' })
  const { mirrors } = await summarize(written({ 'a.json': skipped, 'b.json': fine }), [])
  expect(mirrors.map(({ report }) => report.skipped)).toEqual(['this is a fork', undefined])
  expect(renderSummaries({ mirrors, startedAt: fine.startedAt, durationMs: 1 })).not.toContain('Skipped: null')
})

test('how each mirror stands from run to run is told next to its name, and in the output `mirrors`', async () => {
  const failing = makeReport({
    failure: failureReport('timed-out'),
    standing: { consecutiveFailures: 3, nextDue: '2026-11-25T08:05:00.000Z' },
  })
  const waits = makeReport({
    status: 'skipped',
    skipped: 'not yet due',
    standing: { consecutiveFailures: 1, nextDue: '2026-11-25T08:06:00.000Z' },
  })
  const well = makeReport({ refs: [], standing: { consecutiveFailures: 0, nextDue: null } })
  const many = await summarize(written({ 'a.json': failing, 'b.json': waits, 'c.json': well, 'd.json': fine }), [])
  expect(JSON.parse(outputsOfAll(many)['mirrors'] ?? '')).toMatchObject([
    { name: 'a', 'consecutive-failures': '3', 'next-due': '2026-11-25T08:05:00.000Z' },
    { name: 'b', 'consecutive-failures': '1', 'next-due': '2026-11-25T08:06:00.000Z' },
    { name: 'c', 'consecutive-failures': '0', 'next-due': '' },
    { name: 'd', status: fine.status, 'in-sync': fine.inSync },
  ])
  expect(Object.keys(JSON.parse(outputsOfAll(many)['mirrors'] ?? '')[3])).toEqual(['name', 'status', 'in-sync'])
  const rows = renderSummaries(many)
    .replaceAll(/<\/?span>/g, '')
    .split('\n')
    .filter(line => line.startsWith('| <a'))
  expect(rows[0]).toContain('Failed: Timed out · 3 failures in a row · next due 2026-11-25 08:05:00 UTC |')
  expect(rows[1]).toContain('Skipped: not yet due · 1 failure in a row |')
  expect(rows[2]).toContain('Up to date: neither side has a ref to mirror |')
  const text = renderTexts(many, { colour: false })
  expect(text).toMatch(/❌ a {2}Failed: Timed out · 3 failures in a row · next due 2026-11-25 08:05:00 UTC\n/)
  // In the mirror's own report, too.
  expect(text).toContain('3.4 s · 3 failures in a row · next due 2026-11-25 08:05:00 UTC\n')
})

test('the time of all is from the first start to the last end', async () => {
  const at = (startedAt: string, durationMs: number) => makeReport({ startedAt, durationMs })
  const directory = written({ 'a.json': at('2026-11-25T05:00:10.000Z', 1000), 'b.json': at('2026-11-25T05:00:00.000Z', 5000) })
  expect(await summarize(directory, [])).toMatchObject({ startedAt: '2026-11-25T05:00:00.000Z', durationMs: 11_000 })
})
