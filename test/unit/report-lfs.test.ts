import { describe, expect, test } from '@jest/globals'
import { type Amount, amountOf, describeAmount, describeLfs, type LfsReport, laterLfs, sumLfs } from '../../src/report/lfs.ts'
import type { RefReport, Report } from '../../src/report/report.ts'
import { parseReport } from '../../src/report/report-file.ts'
import { renderSummary } from '../../src/report/summary.ts'
import { renderText } from '../../src/report/text.ts'
import { makeReport, outputsOf, refReport, reportJson } from '../support/reports.ts'

const amount = (objects: number, bytes = 1000 * objects): Amount => ({ objects, bytes })
const lfs = (moved: number, present = 0, failed = 0): LfsReport => ({
  moved: amount(moved),
  present: amount(present),
  failed: amount(failed),
})

test('objects are counted, and their bytes', () => {
  expect(amountOf([])).toEqual({ objects: 0, bytes: 0 })
  expect(amountOf([{ size: 5 }, { size: 7 }])).toEqual({ objects: 2, bytes: 12 })
})

test.each<[string, readonly (LfsReport | null)[], LfsReport | null]>([
  ['no direction', [], null],
  ['none of both', [null, null], null],
  ['one of both', [null, lfs(1, 2, 3)], lfs(1, 2, 3)],
  ['both', [lfs(1, 2, 3), lfs(10, 20, 30)], lfs(11, 22, 33)],
])('both directions together: %s', (_, reports, expected) => expect(sumLfs(reports)).toEqual(expected))

test.each<[string, LfsReport | null, LfsReport | null, LfsReport | null]>([
  ['nothing', null, null, null],
  ['only the first looked for any', lfs(1, 0, 2), null, lfs(1, 0, 2)],
  ['only the second did', null, lfs(3, 4), lfs(3, 4)],
  ['the second finds what the first has moved', lfs(2, 1, 3), lfs(3, 3, 0), lfs(5, 1, 0)],
  ['the second sees fewer: a ref has gone', lfs(5, 0, 1), lfs(1, 2, 0), lfs(6, 0, 0)],
  ['a size that changed takes no bytes below nothing', lfs(1), { ...lfs(0), present: amount(2, 1) }, { ...lfs(1), present: amount(1, 0) }],
])('two attempts: %s', (_, earlier, later, expected) => expect(laterLfs(earlier, later)).toEqual(expected))

test.each([
  [describeAmount(amount(1, 1)), '1 LFS object (1 byte)'],
  [describeAmount(amount(5, 500_000)), '5 LFS objects (488.3 KiB)'],
  [describeLfs(lfs(0)), '0 LFS objects (0 bytes) moved'],
  [describeLfs(lfs(5, 495)), '5 LFS objects (4.9 KiB) moved, 495 already there'],
  [describeLfs(lfs(1, 2, 3)), '1 LFS object (1000 bytes) moved, 2 already there, 3 not moved'],
])('in words: %s', (said, expected) => expect(said).toBe(expected))

describe('in a report', () => {
  const waited = (outcome: 'created' | 'rejected'): RefReport => refReport(outcome, { lfs: amount(2) })
  const report = makeReport({ lfs: lfs(5, 495), refs: [waited('created'), waited('rejected'), refReport('updated')] })
  const without: Report = makeReport({ refs: [refReport('created')] })

  test.each([
    ['the summary', (one: Report) => renderSummary(one)],
    ['the text', (one: Report) => renderText(one, { colour: false })],
  ])('%s has what was moved among the facts, and for what each ref waited', (_, render) => {
    expect(render(report)).toContain('5 LFS objects (4.9 KiB) moved, 495 already there')
    expect(render(report)).toContain('why created; waited for 2 LFS objects (2.0 KiB)')
    // What a ref that did not go needed stands in its reason.
    expect(render(report)).not.toContain('why rejected; waited')
    expect(render(report)).not.toContain('why updated; waited')
    expect(render(without)).not.toContain('LFS')
  })

  test('the output `refs` keeps its keys', () => {
    const [ref] = JSON.parse(outputsOf(report)['refs'] ?? '')
    expect(Object.keys(ref)).toEqual(['ref', 'action', 'outcome', 'before', 'after', 'reason', 'code', 'hint'])
  })

  test('the file has it, also where there is nothing to tell', () => {
    const [first, , last] = JSON.parse(reportJson(report)).refs
    expect([first.lfs, last.lfs]).toEqual([amount(2), null])
    expect(JSON.parse(reportJson(report)).lfs).toEqual({ ...report.lfs, lost: [] })
    expect(JSON.parse(reportJson(without)).lfs).toBeNull()
  })

  test.each([
    ['with LFS objects', report],
    ['without', without],
  ])('comes back from its file as it was: %s', (_, one) => expect(parseReport(reportJson(one))).toEqual({ version: 1, ...one }))

  test('of an earlier version of the program has none', () => {
    const { lfs: _, ...rest } = JSON.parse(reportJson(without))
    const old = { ...rest, refs: rest.refs.map(({ lfs: __, ...ref }: Record<string, unknown>) => ref) }
    expect(parseReport(JSON.stringify(old))).toEqual({ version: 1, ...without })
  })

  test.each<[string, unknown]>([
    ['a number', 5],
    ['not all amounts', { moved: amount(1) }],
    ['an amount without bytes', { ...lfs(1), failed: { objects: 1 } }],
    ['less than nothing', lfs(-1)],
  ])('is none with %s', (_, spoilt) => {
    const whole = JSON.parse(reportJson(report))
    expect(parseReport(JSON.stringify({ ...whole, lfs: spoilt }))).toBeNull()
    const [first, ...others] = whole.refs
    expect(parseReport(JSON.stringify({ ...whole, refs: [{ ...first, lfs: spoilt }, ...others] }))).toBeNull()
  })
})
