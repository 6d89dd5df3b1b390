import { describe, expect, test } from '@jest/globals'
import { OUTCOMES } from '../../src/plan/outcome.ts'
import { exitCode, failsStep } from '../../src/report/exit.ts'
import { interestingFirst } from '../../src/report/interest.ts'
import type { RefReport, Status } from '../../src/report/report.ts'
import { countOutcomes, isInSync, statusOf } from '../../src/report/tally.ts'
import { FAIL_ON } from '../../src/settings/settings.ts'
import { divergentRef, EVERY_REF, failureReport, refReport } from '../support/reports.ts'

const same = refReport('up-to-date')
const created = refReport('created')
const rejected = refReport('rejected')
const planned = refReport('skipped', { action: 'create' })
const unusable = refReport('skipped', { code: 'name-unusable' })
const unknown = refReport('kept', { code: 'relation-unknown' })
const unmerged = refReport('kept', { code: 'not-merged' })
const lost = failureReport('connection-lost')

describe('statusOf', () => {
  test.each<[string, RefReport[], Status]>([
    ['no refs', [], 'up-to-date'],
    ['all the same', [same, same], 'up-to-date'],
    ['one landed', [same, created], 'updated'],
    ['all ways to land', (['created', 'updated', 'forced', 'deleted'] as const).map(outcome => refReport(outcome)), 'updated'],
    ['kept on purpose, nothing to do', [same, unmerged], 'up-to-date'],
    ['kept on purpose, something landed', [created, unmerged], 'updated'],
    ['a name that cannot be mirrored', [same, unusable], 'partial'],
    ['diverged, nothing to do', [same, divergentRef()], 'partial'],
    ['relation unknown', [same, unknown], 'partial'],
    ['diverged, something landed', [created, divergentRef()], 'partial'],
    ['one rejected, one landed', [created, rejected], 'partial'],
    ['one raced, one landed', [created, refReport('raced')], 'partial'],
    ['one failed, one landed', [created, refReport('failed')], 'partial'],
    ['all rejected', [same, rejected, rejected], 'failed'],
    ['all raced', [refReport('raced')], 'failed'],
    ['all rejected, one diverged', [rejected, divergentRef()], 'failed'],
    ['all refused for damage', [same, refReport('rejected', { action: 'keep', code: 'source-damaged' })], 'failed'],
    ['one refused for damage, one landed', [created, refReport('rejected', { action: 'keep', code: 'source-damaged' })], 'partial'],
    ['a change left undone', [created, planned], 'partial'],
    ['somebody else did it already', [refReport('up-to-date', { action: 'create' })], 'up-to-date'],
  ])('%s', (_name, refs, status) => {
    expect(statusOf({ refs, failure: null, dryRun: false })).toBe(status)
  })

  test.each<[string, RefReport[], Status]>([
    ['nothing to do', [same], 'up-to-date'],
    ['something to do', [same, planned], 'skipped'],
    ['something to do, one diverged', [planned, divergentRef()], 'partial'],
  ])('dry run: %s', (_name, refs, status) => {
    expect(statusOf({ refs, failure: null, dryRun: true })).toBe(status)
  })

  test.each<[string, RefReport[], Status]>([
    ['no refs', [], 'failed'],
    ['nothing landed', [same, planned], 'failed'],
    ['something landed', [created, planned], 'partial'],
  ])('failure: %s', (_name, refs, status) => {
    expect(statusOf({ refs, failure: lost, dryRun: false })).toBe(status)
  })
})

test.each(OUTCOMES.map(outcome => [outcome, ['up-to-date', 'created', 'updated', 'forced', 'deleted'].includes(outcome)] as const))(
  'with a ref %s, in sync: %s',
  (outcome, expected) => {
    expect(isInSync([same, refReport(outcome)])).toBe(expected)
  },
)

test('countOutcomes counts every outcome, also those that did not happen', () => {
  const counts = countOutcomes([created, created, same])
  expect(Object.keys(counts)).toEqual(OUTCOMES)
  expect(counts).toMatchObject({ created: 2, 'up-to-date': 1, failed: 0, raced: 0 })
})

describe('interestingFirst', () => {
  test('sorts by interest, and does not touch its argument', () => {
    const refs = [...EVERY_REF].reverse()
    const names = refs.map(({ ref }) => ref)
    expect(interestingFirst(refs).map(({ outcome }) => outcome)).toEqual([
      'failed',
      'rejected',
      'raced',
      'skipped',
      'kept',
      'forced',
      'deleted',
      'kept',
      'created',
      'updated',
      'up-to-date',
    ])
    expect(refs.map(({ ref }) => ref)).toEqual(names)
  })

  test('keeps the order of names among equals, and ranks a planned change like one that was made', () => {
    const plan = (['fast-forward', 'create', 'delete', 'force'] as const).map(action => refReport('skipped', { action }))
    expect(interestingFirst([same, ...plan]).map(({ action }) => action)).toEqual(['force', 'delete', 'create', 'fast-forward', 'none'])
    const named = ['a', 'b', 'c'].map(ref => refReport('created', { ref }))
    expect(interestingFirst(named).map(({ ref }) => ref)).toEqual(['a', 'b', 'c'])
  })
})

const failOn = (...names: ('rejected' | 'diverged' | 'any-kept' | 'never')[]) => new Set(names)

describe('failsStep', () => {
  test.each([
    ['rejected', 'rejected', rejected, true],
    ['raced', 'rejected', refReport('raced'), true],
    ['failed', 'rejected', refReport('failed'), true],
    ['diverged', 'rejected', divergentRef(), false],
    ['diverged', 'diverged', divergentRef(), true],
    ['relation unknown', 'diverged', unknown, true],
    ['not merged', 'diverged', unmerged, false],
    ['rejected', 'diverged', rejected, false],
    ['not merged', 'any-kept', unmerged, true],
    ['diverged', 'any-kept', divergentRef(), true],
    ['name unusable', 'any-kept', unusable, true],
    ['only planned', 'any-kept', planned, false],
    ['rejected', 'any-kept', rejected, false],
    ['rejected', 'never', rejected, false],
    ['diverged', 'never', divergentRef(), false],
  ] as const)('a ref %s with fail-on %s', (_name, on, ref, expected) => {
    expect(failsStep({ refs: [same, ref], failure: null }, failOn(on))).toBe(expected)
  })

  test('a failure fails the step even with never, and a good run fails with nothing', () => {
    expect(failsStep({ refs: [], failure: lost }, failOn('never'))).toBe(true)
    expect(failsStep({ refs: [same, created], failure: null }, failOn('rejected', 'diverged', 'any-kept'))).toBe(false)
  })
})

describe('a verification', () => {
  const found = (['missing', 'behind', 'diverged', 'extra'] as const).map(code => refReport('skipped', { action: 'force', code }))
  const left = (['diverged', 'extra', 'missing', 'relation-unknown'] as const).map(code => refReport('kept', { code }))
  test.each([...found, ...left, unusable].map(ref => [`${ref.outcome} ${ref.code}`, ref] as const))('fails by %s alone', (_, ref) => {
    const verified = { operation: 'verify', refs: [same, ref], failure: null } as const
    expect(FAIL_ON.map(word => failsStep(verified, failOn(word)))).toEqual(FAIL_ON.map(word => word !== 'never'))
    expect(exitCode(verified, failOn('rejected'))).toBe(1)
    expect(statusOf({ ...verified, dryRun: true })).toBe('partial')
    expect(isInSync(verified.refs)).toBe(false)
  })

  test('succeeds where all is the same, and never where it did not come to its end', () => {
    expect(failsStep({ operation: 'verify', refs: [same], failure: null }, failOn('rejected', 'diverged', 'any-kept'))).toBe(false)
    expect(failsStep({ operation: 'verify', refs: [], failure: lost }, failOn('never'))).toBe(true)
  })
})

describe('exitCode', () => {
  test.each([
    ['settings-invalid', 2],
    ['tls-untrusted', 2],
    ['host-key-changed', 3],
    ['permission-denied', 3],
    ['timed-out', 4],
    ['repository-not-found', 1],
    ['source-moved', 1],
    ['internal', 70],
  ] as const)('of the failure %s is %i', (kind, code) => {
    expect(exitCode({ refs: [], failure: failureReport(kind) }, failOn('never'))).toBe(code)
  })

  test('of refs follows fail-on', () => {
    expect(exitCode({ refs: [rejected], failure: null }, failOn('rejected'))).toBe(1)
    expect(exitCode({ refs: [rejected], failure: null }, failOn('never'))).toBe(0)
    expect(exitCode({ refs: [created], failure: null }, failOn('rejected', 'diverged'))).toBe(0)
  })
})
