import { describe, expect, test } from '@jest/globals'
import { type Comparison, compareSides, type Policy, planRefs, questionsTo, type Relation, tipsToBring } from '../../src/plan/plan.ts'
import { TWO_WAYS } from '../../src/plan/two-way-decisions.ts'
import type { Advertisement } from '../../src/refs/advertisement.ts'
import { advertise, oid, refName } from '../support/sample.ts'

interface Given {
  readonly base?: Readonly<Record<string, string>>
  readonly policy?: Partial<Policy>
}

/** What both sides have is as in test/git/two-way-table.test.ts, by real histories; here are the answers that those do not give. */
function compare(here: Advertisement, there: Advertisement, { base = {}, policy = {} }: Given = {}): Comparison {
  const known = new Map(Object.entries(base).map(([name, letter]) => [refName(name), oid(letter)]))
  return compareSides({
    ...{ here, there, base: known, source: 'here', table: TWO_WAYS, selection: { branches: [], tags: [] } },
    policy: { keepDivergent: true, prune: 'all', ...policy },
  })
}

const questions = (comparison: Comparison) => ({ here: questionsTo('here', comparison), there: questionsTo('there', comparison) })

type Answers = Readonly<Record<'here' | 'there', Relation | undefined>>

/** What is to become of `x`: `force there`, `keep diverged`. */
function decided(comparison: Comparison, answers: Answers): string {
  const given = (relation: Relation | undefined) => new Map(relation === undefined ? [] : [[refName('x'), relation] as const])
  const plan = planRefs(comparison, { here: given(answers.here), there: given(answers.there) })
  const planned = plan.find(({ ref }) => ref === refName('x'))
  return [planned?.action, planned?.side, planned?.code].filter(Boolean).join(' ')
}

describe('what is not known is never guessed', () => {
  const both = (base: Readonly<Record<string, string>>, policy: Given['policy'] = {}) =>
    compare(advertise({ x: 'a' }), advertise({ x: 'b' }), { base, policy })
  const UNKNOWN = 'keep relation-unknown'
  test.each<[string, Comparison, Answers, string]>([
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

describe('a symbolic ref', () => {
  const symbolic = { symbolic: { x: ['main', 'a'] } } as const
  const policy = { keepDivergent: false }
  test('is never changed, and its tip is carried to the other side', () => {
    const changedThere = compare(advertise({ main: 'a' }, symbolic), advertise({ main: 'a', x: 'b' }), { base: { x: 'a' }, policy })
    expect(decided(changedThere, { here: undefined, there: 'ancestor' })).toBe('keep symbolic-ref')
    const changedHere = compare(advertise({ main: 'a' }, symbolic), advertise({ main: 'a', x: 'b' }), { base: { x: 'b' }, policy })
    expect(decided(changedHere, { here: 'ancestor', there: undefined })).toBe('fast-forward there')
    const deleted = compare(advertise({ main: 'a' }, symbolic), advertise({ main: 'a' }), { base: { x: 'a' }, policy: { prune: 'all' } })
    expect(decided(deleted, { here: undefined, there: undefined })).toBe('keep symbolic-ref')
  })
})

describe('what is asked, and of whom', () => {
  const comparison = compare(
    advertise({ same: 'a', onlyhere: 'b', changedhere: 'c', changedthere: 'd', apart: 'e', 'tags/v1': 'a', main: 'f' }),
    advertise({ same: 'a', onlythere: 'b', changedhere: 'd', changedthere: 'c', apart: 'f', 'tags/v1': 'b', deleted: 'a', main: 'f' }),
    { base: { changedhere: 'd', changedthere: 'd', deleted: 'a' } },
  )
  const pairs = questions(comparison)
  const named = (side: 'here' | 'there') => pairs[side].map(({ ref }) => ref.replace('refs/heads/', ''))

  test('only the side that has moved on, or both where nobody knows', () => {
    expect(named('here')).toEqual(['apart', 'changedhere', 'deleted'])
    expect(named('there')).toEqual(['apart', 'changedthere'])
  })

  test('each tip is brought that the other side may get, and none that is to be deleted', () => {
    expect(tipsToBring('here', comparison, pairs.here).sort()).toEqual([oid('b'), oid('c'), oid('e'), oid('f')])
    expect(tipsToBring('there', comparison, pairs.there).sort()).toEqual([oid('b'), oid('c'), oid('f')])
  })

  test('nothing of what is kept anyway', () => {
    const sides = [advertise({ main: 'a' }), advertise({ main: 'a', x: 'b', old: 'c' }, { head: 'old' })] as const
    const base = { x: 'b', old: 'c' }
    expect(questions(compare(...sides, { base, policy: { prune: 'none' } }))).toEqual({ here: [], there: [] })
    expect(questions(compare(...sides, { base, policy: { prune: 'merged' } })).here.map(({ ref }) => ref)).toEqual([refName('x')])
  })

  test('nothing where nothing differs', () => {
    const same = compare(advertise({ main: 'a' }), advertise({ main: 'a' }))
    expect(questions(same)).toEqual({ here: [], there: [] })
    expect([tipsToBring('here', same, []), tipsToBring('there', same, [])]).toEqual([[], []])
  })
})
