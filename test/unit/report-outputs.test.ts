import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { Fault } from '../../src/errors/kind.ts'
import { KINDS } from '../../src/errors/kinds.ts'
import { type Action, OUTCOMES } from '../../src/plan/outcome.ts'
import type { RefReport, Report, Status } from '../../src/report/report.ts'
import { EVERY_REF, failureReport, makeReport, oid, outputsOf, refReport, reportJson } from '../support/reports.ts'

const many = (count: number, given: Partial<RefReport> = {}): RefReport[] =>
  Array.from({ length: count }, (_, index) => refReport('created', { ref: `refs/heads/${index}`, ...given }))

const refsIn = (outputs: Record<string, string>): RefReport[] => JSON.parse(outputs['refs'] ?? '')

describe('outputsOf', () => {
  test('every outcome counted; raced counts as failed', () => {
    const { refs, ...others } = outputsOf(makeReport({ refs: EVERY_REF }))
    expect(others).toEqual({
      status: 'partial',
      'in-sync': 'false',
      'skipped-reason': '',
      transfer: 'git',
      created: '1',
      updated: '1',
      forced: '1',
      deleted: '1',
      kept: '2',
      rejected: '1',
      failed: '2',
      'up-to-date': '1',
      'refs-truncated': 'false',
      bytes: '1258291',
    })
    expect(refs).toMatch(/^\[.*\]$/)
  })

  test('nothing to do', () => {
    expect(outputsOf(makeReport({ transfer: null, bytes: 0 }))).toMatchObject({
      status: 'up-to-date',
      'in-sync': 'true',
      transfer: '',
      refs: '[]',
      'refs-truncated': 'false',
      bytes: '0',
    })
  })

  test('how the mirror stands from run to run, where that is kept', () => {
    const standing = { consecutiveFailures: 3, nextDue: '2026-11-25T08:05:00.000Z' }
    expect(outputsOf(makeReport({ standing }))).toMatchObject({ 'consecutive-failures': '3', 'next-due': standing.nextDue })
    expect(outputsOf(makeReport({ standing: { ...standing, nextDue: null } }))).toMatchObject({ 'next-due': '' })
    expect(JSON.parse(reportJson(makeReport({ standing })))).toMatchObject({ standing })
    expect(outputsOf(makeReport())).not.toHaveProperty('consecutive-failures')
  })

  test('refs: the interesting ones first, each with these keys in this order', () => {
    const refs = refsIn(outputsOf(makeReport({ refs: [...EVERY_REF].reverse() })))
    expect(refs.map(({ outcome }) => outcome).slice(0, 3)).toEqual(['failed', 'rejected', 'raced'])
    expect(refs.at(-1)?.outcome).toBe('up-to-date')
    expect(JSON.stringify(refs[1])).toBe(
      `{"ref":"refs/heads/rejected","action":"fast-forward","outcome":"rejected","before":"${oid('a')}","after":"${oid('b')}",` +
        `"reason":"why rejected","code":"protected-branch","hint":${JSON.stringify(KINDS['protected-branch'].hint)}}`,
    )
    const extra = { ...refReport('created'), more: 'x' }
    expect(Object.keys(refsIn(outputsOf(makeReport({ refs: [extra] })))[0] ?? {})).not.toContain('more')
  })

  test('refs: cut at 500', () => {
    expect(outputsOf(makeReport({ refs: many(500) }))['refs-truncated']).toBe('false')
    const outputs = outputsOf(makeReport({ refs: [...many(20_000), refReport('rejected')] }))
    expect(refsIn(outputs)).toHaveLength(500)
    expect(refsIn(outputs)[0]?.outcome).toBe('rejected')
    expect(outputs['refs-truncated']).toBe('true')
  })

  test('refs: cut by size', () => {
    const outputs = outputsOf(makeReport({ refs: many(500, { reason: '\u202e'.repeat(1000) }) }))
    expect(outputs['refs']?.length).toBeLessThanOrEqual(200_001)
    expect(refsIn(outputs).length).toBeGreaterThan(20)
    expect(outputs['refs-truncated']).toBe('true')
    const huge = outputsOf(makeReport({ refs: many(1, { reason: 'x'.repeat(1_000_000) }) }))
    expect(huge).toMatchObject({ refs: '[]', 'refs-truncated': 'true' })
  })
})

describe('reportJson', () => {
  test('the same keys in the same order, whatever the order in the report', () => {
    const report = makeReport({ refs: EVERY_REF, failure: failureReport('timed-out', { side: 'there' }), notices: ['x'] })
    const shuffled = Object.fromEntries(Object.entries(report).reverse()) as unknown as Report
    expect(reportJson(shuffled)).toBe(reportJson(report))
    expect(JSON.parse(reportJson(report))).toEqual({
      version: 1,
      skipped: null,
      standing: null,
      ...report,
      refs: EVERY_REF.map(ref => ({ ...ref, lfs: null, resolve: [] })),
    })
    expect(reportJson(report)).toMatch(/^\{\n {2}"version": 1,\n {2}"status": "partial",/)
    expect(reportJson(report)).toMatch(/\}\n$/)
  })

  test('hostile text comes back exactly, and is harmless when printed', () => {
    const hostile = '::error::x\n##[group]y ##\u200d[x ###[ \u001b[31m \u007f \u009b \u202e \u2028 \u{e0041} \\ "\ud800'
    const report = makeReport({ refs: [refReport('rejected', { reason: hostile })], notices: [hostile] })
    for (const json of [reportJson(report), outputsOf(report)['refs'] ?? '']) {
      expect(json).not.toMatch(/^\s*::|#\p{DI}*#\p{DI}*\[|[^\n\P{Cc}]|[\p{Cf}\p{Zl}]/mu)
    }
    expect(JSON.parse(reportJson(report))).toMatchObject({ notices: [hostile], refs: [{ reason: hostile }] })
  })
})

interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly type?: string | readonly string[]
  readonly pattern?: string
  readonly anyOf?: readonly Schema[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean
  readonly items?: Schema
}

const schema: Schema = JSON.parse(readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'))

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function typeOf(value: unknown): string[] {
  if (value === null) return ['null']
  if (Array.isArray(value)) return ['array']
  return Number.isInteger(value) ? ['integer', 'number'] : [typeof value]
}

/** What of a value breaks the schema: the keywords that the schema uses, and no others. */
function problemsOf(value: unknown, rule: Schema, at = '$'): string[] {
  const name = rule.$ref?.replace('#/$defs/', '')
  if (name !== undefined) {
    const target = schema.$defs?.[name]
    return target === undefined ? [`${at}: no definition of ${name}`] : problemsOf(value, target, at)
  }
  const problems: string[] = []
  if ('const' in rule && value !== rule.const) problems.push(`${at}: not ${rule.const}`)
  if (rule.enum && !rule.enum.includes(value)) problems.push(`${at}: "${value}" is not allowed`)
  if (rule.type !== undefined && !typeOf(value).some(type => [rule.type].flat().includes(type))) problems.push(`${at}: is ${typeOf(value)}`)
  if (rule.pattern !== undefined && typeof value === 'string' && !new RegExp(rule.pattern).test(value)) problems.push(`${at}: "${value}"`)
  if (rule.anyOf?.every(branch => problemsOf(value, branch, at).length > 0)) problems.push(`${at}: fits none`)
  if (rule.items && Array.isArray(value))
    problems.push(...value.flatMap((item, index) => problemsOf(item, rule.items ?? {}, `${at}[${index}]`)))
  if (isObject(value) && rule.properties) {
    problems.push(...(rule.required ?? []).filter(key => !(key in value)).map(key => `${at}: ${key} is missing`))
    for (const [key, item] of Object.entries(value)) {
      const property = rule.properties[key]
      problems.push(...(property ? problemsOf(item, property, `${at}.${key}`) : [`${at}: ${key} is unknown`]))
    }
  }
  return problems
}

const LFS = { moved: { objects: 1, bytes: 2 }, present: { objects: 0, bytes: 0 }, failed: { objects: 3, bytes: 4 } }

describe('docs/report.schema.json', () => {
  const full = makeReport({ refs: EVERY_REF, failure: failureReport('timed-out', { side: 'here', detail: 'x' }), notices: ['x'] })

  test.each<[string, Report]>([
    ['every outcome and a failure', full],
    ['a ref to be settled', makeReport({ refs: [{ ...EVERY_REF[3], resolve: [{ what: 'x', command: 'y' }] } as RefReport] })],
    ['LFS objects', makeReport({ lfs: LFS, refs: [refReport('created', { lfs: LFS.moved })] })],
    ['nothing at all', makeReport({ transfer: null, bytes: 0 })],
    ['a dry run', makeReport({ dryRun: true, refs: [refReport('skipped', { action: 'force' })] })],
  ])('holds for %s', (_name, report) => {
    expect(problemsOf(JSON.parse(reportJson(report)), schema)).toEqual([])
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['another version', { version: 2 }, '$.version: not 1'],
    ['an unknown status', { status: 'fine' }, '$.status: "fine" is not allowed'],
    ['a missing key', { bytes: undefined }, '$: bytes is missing'],
    ['an unknown key', { more: 1 }, '$: more is unknown'],
    ['a wrong type', { dryRun: 'no' }, '$.dryRun: is string'],
    ['half of the LFS objects', { lfs: { moved: LFS.moved } }, '$.lfs: fits none'],
    ['half a failure', { failure: { kind: 'timed-out' } }, '$.failure: fits none'],
    [
      'a short oid',
      { refs: [{ ...refReport('created', { after: 'abc' as RefReport['after'] }), lfs: null, resolve: [] }] },
      '$.refs[0].after: "abc"',
    ],
  ])('does not hold for %s', (_name, spoilt, problem) => {
    const report = JSON.parse(JSON.stringify({ ...JSON.parse(reportJson(full)), ...spoilt }))
    expect(problemsOf(report, schema)).toEqual([problem])
  })

  test('every object lists all its keys as required, and allows no others', () => {
    const { counts = {}, lfs = {} } = schema.properties ?? {}
    const objects = [schema, ...Object.values(schema.$defs ?? {}), counts, ...(lfs.anyOf ?? [])].filter(({ properties }) => properties)
    expect(objects).toHaveLength(9)
    for (const { required, properties, additionalProperties } of objects) {
      expect(required).toEqual(Object.keys(properties ?? {}))
      expect(additionalProperties).toBe(false)
    }
  })

  test('its values are those of the code', () => {
    // Records, so that a value added to the type and not here does not compile.
    const actions: Record<Action, true> = { create: true, 'fast-forward': true, force: true, delete: true, keep: true, none: true }
    const statuses: Record<Status, true> = { 'up-to-date': true, updated: true, partial: true, failed: true, skipped: true }
    const directions: Record<Report['direction'], true> = { push: true, pull: true, bidirectional: true }
    const transfers: Record<NonNullable<Report['transfer']>, true> = { relay: true, git: true }
    const faults: Record<Fault, true> = { settings: true, auth: true, 'host-key': true, remote: true, network: true, race: true, bug: true }
    const { properties, $defs } = schema
    expect(properties?.['status']?.enum).toEqual(Object.keys(statuses))
    expect(properties?.['direction']?.enum).toEqual(Object.keys(directions))
    expect(properties?.['transfer']?.enum).toEqual([...Object.keys(transfers), null])
    expect(properties?.['counts']?.required).toEqual(OUTCOMES)
    expect($defs?.['ref']?.properties?.['outcome']?.enum).toEqual(OUTCOMES)
    expect($defs?.['ref']?.properties?.['action']?.enum).toEqual(Object.keys(actions))
    expect($defs?.['failure']?.properties?.['fault']?.enum).toEqual(Object.keys(faults))
    expect($defs?.['kind']?.enum).toEqual(Object.keys(KINDS))
  })
})
