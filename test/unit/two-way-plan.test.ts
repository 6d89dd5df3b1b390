import { describe, expect, test } from '@jest/globals'
import type { Policy, Relation } from '../../src/plan/plan.ts'
import { compareBoth, pairsToReconcile, planAt, planBoth, type TwoWayComparison, tipsToBring } from '../../src/plan/two-way-plan.ts'
import type { Advertisement } from '../../src/refs/advertisement.ts'
import { advertise, oid, refName } from '../support/sample.ts'

interface Given {
  readonly base?: Readonly<Record<string, string>>
  readonly policy?: Partial<Policy>
}

/** What both sides have is as in test/git/two-way-table.test.ts, by real histories; here are the answers that those do not give. */
function compare(here: Advertisement, there: Advertisement, { base = {}, policy = {} }: Given = {}): TwoWayComparison {
  const known = new Map(Object.entries(base).map(([name, letter]) => [refName(name), oid(letter)]))
  return compareBoth({
    ...{ here, there, base: known, selection: { branches: [], tags: [] } },
    policy: { keepDivergent: true, prune: 'all', ...policy },
  })
}

type Answers = Readonly<Record<'here' | 'there', Relation | undefined>>

/** What is to become of `x`: `force there`, `keep diverged`. */
function decided(comparison: TwoWayComparison, answers: Answers): string {
  const given = (relation: Relation | undefined) => new Map(relation === undefined ? [] : [[refName('x'), relation] as const])
  const plan = planBoth(comparison, { here: given(answers.here), there: given(answers.there) })
  const planned = plan.find(({ ref }) => ref === refName('x'))
  return [planned?.action, planned?.side, planned?.code].filter(Boolean).join(' ')
}

describe('what is not known is never guessed', () => {
  const both = (base: Readonly<Record<string, string>>, policy: Given['policy'] = {}) =>
    compare(advertise({ x: 'a' }), advertise({ x: 'b' }), { base, policy })
  const UNKNOWN = 'keep relation-unknown'
  test.each<[string, TwoWayComparison, Answers, string]>([
    ['both changed, nobody knows', both({ x: 'c' }), { here: 'unknown', there: 'unknown' }, UNKNOWN],
    ['both changed, no answer at all', both({ x: 'c' }), { here: undefined, there: undefined }, UNKNOWN],
    ['both changed, here does not contain there, the rest is unknown', both({}), { here: 'diverged', there: 'unknown' }, UNKNOWN],
    ['both changed, there does not contain here, the rest is unknown', both({}), { here: 'unknown', there: 'diverged' }, UNKNOWN],
    ['both changed, here contains there, the rest is unknown', both({}), { here: 'ancestor', there: 'unknown' }, 'fast-forward there'],
    ['both changed, there contains here, the rest is unknown', both({}), { here: 'unknown', there: 'ancestor' }, 'fast-forward here'],
    ['only there changed, nobody knows how', both({ x: 'a' }), { here: undefined, there: 'unknown' }, UNKNOWN],
    ['only here changed, nobody knows how', both({ x: 'b' }), { here: 'unknown', there: undefined }, UNKNOWN],
    ['rewritten there, here is to win', both({ x: 'a' }, { keepDivergent: false }), { here: 'diverged', there: 'diverged' }, 'force there'],
    [
      'the same, and whether here contains there is unknown',
      both({ x: 'a' }, { keepDivergent: false }),
      { here: 'unknown', there: 'diverged' },
      UNKNOWN,
    ],
  ])('%s', (_, comparison, answers, expected) => expect(decided(comparison, answers)).toBe(expected))

  test.each<[Relation, string]>([
    ['ancestor', 'delete there'],
    ['diverged', 'keep not-merged'],
    ['unknown', UNKNOWN],
  ])('prune: merged, a deleted branch that is %s: %s', (relation, expected) => {
    const comparison = compare(advertise({ main: 'a' }), advertise({ main: 'a', x: 'b' }), {
      base: { x: 'b' },
      policy: { prune: 'merged' },
    })
    expect(decided(comparison, { here: relation, there: undefined })).toBe(expected)
  })
})

describe('what may be another ref in disguise', () => {
  const v0 = { symbolicIsWhole: false }
  test('is not deleted, nor overwritten, where the server does not tell', () => {
    const deleted = compare(advertise({ main: 'a' }), advertise({ main: 'a', y: 'b', x: 'b' }, v0), { base: { x: 'b' } })
    expect(decided(deleted, { here: undefined, there: undefined })).toBe('keep relation-unknown')
    const forced = compare(advertise({ x: 'a' }), advertise({ x: 'b', y: 'b' }, v0), { policy: { keepDivergent: false } })
    expect(decided(forced, { here: 'diverged', there: 'diverged' })).toBe('keep relation-unknown')
  })

  test('is fast-forwarded, and does not matter on the other side', () => {
    const here = compare(advertise({ x: 'a', y: 'a' }, v0), advertise({ x: 'b', y: 'a' }), { base: { x: 'a', y: 'a' } })
    expect(decided(here, { here: undefined, there: 'ancestor' })).toBe('fast-forward here')
    const there = compare(advertise({ main: 'a', y: 'b' }, v0), advertise({ main: 'a', y: 'b', x: 'c' }), { base: { x: 'c' } })
    expect(decided(there, { here: 'diverged', there: undefined })).toBe('delete there')
  })
})

describe('what is asked, and of whom', () => {
  const comparison = compare(
    advertise({ same: 'a', onlyhere: 'b', changedhere: 'c', changedthere: 'd', apart: 'e', 'tags/v1': 'a', main: 'f' }),
    advertise({ same: 'a', onlythere: 'b', changedhere: 'd', changedthere: 'c', apart: 'f', 'tags/v1': 'b', deleted: 'a', main: 'f' }),
    { base: { changedhere: 'd', changedthere: 'd', deleted: 'a' } },
  )
  const pairs = pairsToReconcile(comparison)
  const named = (side: 'here' | 'there') => pairs[side].map(({ ref }) => ref.replace('refs/heads/', ''))

  test('only the side that has moved on, or both where nobody knows', () => {
    expect(named('here')).toEqual(['apart', 'changedhere', 'deleted'])
    expect(named('there')).toEqual(['apart', 'changedthere'])
  })

  test('each tip is brought that the other side may get, and none that is to be deleted', () => {
    expect(tipsToBring('here', comparison, pairs.here).sort()).toEqual([oid('b'), oid('c'), oid('e'), oid('f')])
    expect(tipsToBring('there', comparison, pairs.there).sort()).toEqual([oid('b'), oid('c'), oid('f')])
  })

  test('nothing where nothing differs', () => {
    const same = compare(advertise({ main: 'a' }), advertise({ main: 'a' }))
    expect(pairsToReconcile(same)).toEqual({ here: [], there: [] })
    expect([tipsToBring('here', same, []), tipsToBring('there', same, [])]).toEqual([[], []])
  })
})

test('from each side, the plan has all refs of that side', () => {
  const comparison = compare(advertise({ x: 'a', y: 'b', main: 'a' }), advertise({ x: 'b', z: 'c', main: 'a' }))
  const plan = planBoth(comparison, { here: new Map(), there: new Map([[refName('x'), 'ancestor']]) })
  const tips = (side: 'here' | 'there') =>
    Object.fromEntries(planAt(side, plan).flatMap(({ ref, before }) => (before === null ? [] : [[ref.replace('refs/heads/', ''), before]])))
  expect(tips('here')).toEqual({ main: oid('a'), x: oid('a'), y: oid('b') })
  expect(tips('there')).toEqual({ main: oid('a'), x: oid('b'), z: oid('c') })
  expect(
    planAt('here', plan)
      .filter(({ action }) => action !== 'none')
      .map(({ ref }) => ref),
  ).toEqual([refName('x'), refName('z')])
})
