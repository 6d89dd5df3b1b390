import { describe, expect, test } from '@jest/globals'
import type { Action } from '../../src/plan/outcome.ts'
import type { PlannedRef } from '../../src/plan/plan.ts'
import { checkDeletions, checkSides, type MaxDeletions, mayBeUnrelated } from '../../src/plan/safeguards.ts'
import type { Side } from '../../src/remote/side.ts'
import { advertise, oid, refName } from '../support/sample.ts'

const planned = (name: string, action: Action, side: Side = 'there'): PlannedRef => ({
  ref: refName(name),
  action,
  before: action === 'create' ? null : oid('1'),
  after: action === 'delete' ? null : oid('2'),
  side: action === 'none' ? null : side,
  reason: '',
  code: null,
})
const plan = (deletions: number, others: number, side: Side = 'there'): PlannedRef[] => [
  ...Array.from({ length: deletions }, (_, index) => planned(`d${index}`, 'delete', side)),
  ...Array.from({ length: others }, (_, index) => planned(`o${index}`, 'none')),
]

const refsOf = (deletions: number, others: number) => ({ refs: new Map(plan(deletions, others).map(({ ref }) => [ref, oid('1')])) })

describe('checkSides', () => {
  test('an empty source next to a full destination is never believed', () => {
    expect(() => checkSides(advertise({}), advertise({ main: 'a' }), 'here')).toThrow('the source has no refs, but the destination has 1')
    expect(() => checkSides(advertise({ 'tags/v1': 'a' }), advertise({ main: 'a' }), 'here')).not.toThrow()
  })
  test('both empty is fine', () => expect(() => checkSides(advertise({}), advertise({}), 'here')).not.toThrow())
  test('object formats must be the same', () => {
    const sha256 = { ...advertise({ main: 'a' }), objectFormat: 'sha256' as const }
    expect(() => checkSides(sha256, advertise({ main: 'a' }), 'here')).toThrow('the source uses sha256, the destination sha1')
    expect(() => checkSides(sha256, advertise({}), 'here')).not.toThrow()
  })
})

describe('checkDeletions', () => {
  test.each<[MaxDeletions, number, number, boolean]>([
    ['default', 10, 0, true],
    ['default', 11, 0, false],
    ['default', 25, 75, true],
    ['default', 26, 74, false],
    [{ count: 0 }, 0, 5, true],
    [{ count: 0 }, 1, 5, false],
    [{ count: 3 }, 3, 0, true],
    [{ percent: 50 }, 5, 5, true],
    [{ percent: 50 }, 6, 4, false],
    [{ percent: 100 }, 500, 0, true],
  ])('limit %j, %d of the refs deleted, %d not: allowed %s', (max, deletions, others, allowed) => {
    const check = () => checkDeletions(plan(deletions, others), max, 'there', refsOf(deletions, others))
    if (allowed) expect(check).not.toThrow()
    else expect(check).toThrow(`the plan deletes ${deletions} refs at the destination`)
  })
  test('what the other side loses does not count', () => {
    expect(() => checkDeletions(plan(12, 0, 'here'), 'default', 'there', refsOf(12, 0))).not.toThrow()
  })
  test('names the first ten', () => {
    expect(() => checkDeletions(plan(12, 0), 'default', 'there', refsOf(12, 0))).toThrow(
      'the limit is 10: d0, d1, d2, d3, d4, d5, d6, d7, d8, d9 and 2 more',
    )
  })
})

describe('mayBeUnrelated', () => {
  test.each([
    ['a force with no tip in common', [planned('main', 'force')], { main: 'a' }, { main: 'b' }, true],
    ['a deletion with no tip in common', [planned('x', 'delete')], { main: 'a' }, { x: 'b' }, true],
    ['a tip in common under another name', [planned('main', 'force')], { main: 'a', x: 'b' }, { main: 'b' }, false],
    ['a fast-forward proves it', [planned('main', 'force'), planned('y', 'fast-forward')], { main: 'a' }, { main: 'b' }, false],
    ['only creations lose nothing', [planned('main', 'create')], { main: 'a' }, { x: 'b' }, false],
  ])('%s', (_, changes, source, destination, expected) => {
    expect(mayBeUnrelated({ here: advertise(source), there: advertise(destination), base: null }, changes)).toBe(expected)
  })
  test.each([
    ['never agreed: even a creation pours one into the other', {}, { x: 'b' }, true],
    ['agreed once: a creation loses nothing', { old: '1' }, { x: 'b' }, false],
    ['never agreed, but one side is empty', {}, {}, false],
  ])('both directions, %s', (_, base, there, expected) => {
    const sides = { here: advertise({ main: 'a' }), there: advertise(there), base: advertise(base).refs }
    expect(mayBeUnrelated(sides, [planned('main', 'create')])).toBe(expected)
  })
})

test('a failure is told of the side that plays the part', () => {
  expect(() => checkSides(advertise({}), advertise({ main: 'a' }), 'there')).toThrow(expect.objectContaining({ side: 'there' }))
  expect(() => checkDeletions(plan(12, 0, 'here'), 'default', 'here', refsOf(12, 0))).toThrow(expect.objectContaining({ side: 'here' }))
})
