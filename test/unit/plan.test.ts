import { describe, expect, test } from '@jest/globals'
import { foldedNames } from '../../src/plan/folded-names.ts'
import { ONE_WAY } from '../../src/plan/one-way-decisions.ts'
import { type Comparison, compareSides, type Policy, planRefs, questionsTo, type Relation, tipsToBring } from '../../src/plan/plan.ts'
import type { Advertisement } from '../../src/refs/advertisement.ts'
import type { Selection } from '../../src/refs/select.ts'
import { advertise, oid, refName } from '../support/sample.ts'

const ALL: Selection = { branches: [], tags: [] }
const POLICY: Policy = { keepDivergent: false, prune: 'merged' }

const compare = (source: Advertisement, destination: Advertisement, policy: Partial<Policy> = {}, selection = ALL): Comparison =>
  compareSides({
    here: source,
    there: destination,
    source: 'here',
    base: null,
    selection,
    policy: { ...POLICY, ...policy },
    table: ONE_WAY,
  })

/** The plan in short: `{ main: 'force', old: 'keep diverged' }`. */
function planInShort(comparison: Comparison, relations: Readonly<Record<string, Relation>> = {}): Record<string, string> {
  const answers = new Map(Object.entries(relations).map(([name, relation]) => [refName(name), relation]))
  const plan = planRefs(comparison, { here: answers })
  return Object.fromEntries(
    plan.map(({ ref, action, code }) => [ref.replace(/^refs\/(heads\/)?/, ''), code === null ? action : `${action} ${code}`]),
  )
}

describe('the one-way table', () => {
  test.each([
    // destination's tip, relation, keep-divergent off, on
    [{}, undefined, 'create', 'create'],
    [{ main: 'a' }, undefined, 'none', 'none'],
    [{ main: 'b' }, 'ancestor', 'fast-forward', 'fast-forward'],
    [{ main: 'b' }, 'diverged', 'force', 'keep diverged'],
    [{ main: 'b' }, 'unknown', 'keep relation-unknown', 'keep relation-unknown'],
    [{ main: 'b' }, undefined, 'keep relation-unknown', 'keep relation-unknown'],
  ] as const)('a branch with %j at the destination, %s', (destination, relation, off, on) => {
    const relations = relation === undefined ? {} : { main: relation }
    for (const [keepDivergent, expected] of [
      [false, off],
      [true, on],
    ] as const) {
      expect(planInShort(compare(advertise({ main: 'a' }), advertise(destination), { keepDivergent }), relations)).toEqual({
        main: expected,
      })
    }
  })

  test.each([
    ['merged', 'ancestor', 'delete'],
    ['merged', 'diverged', 'keep not-merged'],
    ['merged', 'unknown', 'keep relation-unknown'],
    ['all', 'ancestor', 'delete'],
    ['all', 'diverged', 'delete'],
    ['all', 'unknown', 'delete'],
    ['none', 'ancestor', 'keep not-pruned'],
  ] as const)('an extra branch, prune %s, %s: %s', (prune, relation, expected) => {
    const sides = [advertise({ main: 'a' }), advertise({ main: 'a', extra: 'b' })] as const
    expect(planInShort(compare(...sides, { prune }), { extra: relation })).toEqual({ main: 'none', extra: expected })
    expect(planInShort(compare(...sides, { prune, keepDivergent: true }), { extra: relation })).toEqual({
      main: 'none',
      extra: 'keep not-pruned',
    })
  })

  test.each([
    ['merged', 'ancestor', 'delete'],
    ['merged', 'diverged', 'keep not-merged'],
    ['all', 'diverged', 'delete'],
    ['none', 'ancestor', 'keep not-pruned'],
  ] as const)('where prune counts all the same, divergent refs kept and prune %s, %s: %s', (prune, relation, expected) => {
    const sides = [advertise({ main: 'a', both: 'c' }), advertise({ main: 'a', extra: 'b', both: 'd' })] as const
    const policy = { prune, keepDivergent: true, pruneRegardless: true }
    expect(planInShort(compare(...sides, policy), { extra: relation, both: 'diverged' })).toEqual({
      main: 'none',
      extra: expected,
      both: 'keep diverged',
    })
  })

  test('a tag that differs is diverged, whatever the commits say', () => {
    const sides = [advertise({ main: 'a', 'tags/v1': 'b' }), advertise({ main: 'a', 'tags/v1': 'c' })] as const
    expect(planInShort(compare(...sides))).toEqual({ main: 'none', 'tags/v1': 'force' })
    expect(planInShort(compare(...sides, { keepDivergent: true }))).toEqual({ main: 'none', 'tags/v1': 'keep diverged' })
    expect(questionsTo('here', compare(...sides))).toEqual([])
  })

  test('an extra tag is judged by the commit that it points to', () => {
    const destination = advertise({ main: 'a', 'tags/v1': 'b' }, { peeled: { 'tags/v1': 'c' } })
    const comparison = compare(advertise({ main: 'a' }), destination)
    expect(questionsTo('here', comparison)).toEqual([{ ref: 'refs/tags/v1', tip: oid('c'), into: oid('a') }])
    expect(planInShort(comparison, { 'tags/v1': 'ancestor' })).toEqual({ main: 'none', 'tags/v1': 'delete' })
  })

  test("the destination's default branch is never deleted", () => {
    const sides = [advertise({ main: 'a' }), advertise({ main: 'a', master: 'b' }, { head: 'master' })] as const
    expect(planInShort(compare(...sides, { prune: 'all' }))).toEqual({ main: 'none', master: 'keep default-branch' })
    expect(planInShort(compare(...sides), { master: 'ancestor' })).toEqual({ main: 'none', master: 'keep default-branch' })
  })

  test.each([
    ['HEAD detached', advertise({ main: 'a' }, { head: null })],
    ['HEAD names a branch that is not there', advertise({ main: 'a' }, { head: 'gone' })],
  ])('with no default branch at the source nothing is merged: %s', (_, source) => {
    const comparison = compare(source, advertise({ main: 'a', extra: 'b' }))
    expect(questionsTo('here', comparison)).toEqual([])
    expect(planInShort(comparison, { extra: 'ancestor' })).toEqual({ main: 'none', extra: 'keep not-merged' })
  })

  test('a symbolic ref is a branch with the tip of its target at the source, and never changed at the destination', () => {
    const sides = [
      advertise({ main: 'a', other: 'b', same: 'a' }, { symbolic: { new: ['main', 'a'], moved: ['main', 'a'], both: ['other', 'b'] } }),
      advertise(
        { main: 'a', moved: 'b' },
        { symbolic: { other: ['main', 'a'], same: ['main', 'a'], extra: ['main', 'a'], both: ['main', 'a'] } },
      ),
    ] as const
    const plan = { main: 'none', moved: 'force', new: 'create', same: 'none' }
    const kept = { both: 'keep symbolic-ref', other: 'keep symbolic-ref' }
    const relations = { moved: 'diverged', other: 'ancestor', both: 'diverged' } as const
    expect(planInShort(compare(...sides, { prune: 'all' }), relations)).toEqual({ ...plan, ...kept, extra: 'keep symbolic-ref' })
    // Kept for another reason, which the user has chosen.
    expect(planInShort(compare(...sides, { prune: 'none' }), relations)).toEqual({ ...plan, ...kept, extra: 'keep not-pruned' })
    const keeping = planInShort(compare(...sides, { keepDivergent: true }), { ...relations, other: 'diverged' })
    expect(keeping).toMatchObject({ ...kept, moved: 'keep diverged' })
  })

  test('what is not selected is not in the plan, also when only the destination has it', () => {
    const selection: Selection = { branches: [{ exclude: false, glob: 'main' }], tags: [{ exclude: true, glob: '*' }] }
    const sides = [advertise({ main: 'a', dev: 'b', 'tags/v1': 'c' }), advertise({ old: 'd', 'tags/v0': 'e' })] as const
    expect(planInShort(compare(...sides, { prune: 'all' }, selection))).toEqual({ main: 'create' })
  })
})

test('only what matters is asked, and fetched', () => {
  const source = advertise({ main: 'a', same: 'b', ahead: 'c', new: 'd', 'tags/moved': 'e' })
  const destination = advertise({ main: 'a', same: 'b', ahead: '1', extra: '2', 'tags/moved': '3' })
  const comparison = compare(source, destination)
  const pairs = questionsTo('here', comparison)
  expect(pairs.map(({ ref }) => ref)).toEqual(['refs/heads/ahead', 'refs/heads/extra'])
  expect(tipsToBring('here', comparison, pairs)).toEqual(['c', 'd', 'e', 'a'].map(oid))
  const keeping = compare(source, destination, { keepDivergent: true })
  expect(tipsToBring('here', keeping, questionsTo('here', keeping))).toEqual(['d', 'c'].map(oid))
})

test('the plan is sorted by name, carries both tips and a reason, and leaves its arguments alone', () => {
  const source = Object.freeze(advertise({ b: 'b', main: 'a', a: 'c' }))
  const comparison = Object.freeze(compare(source, Object.freeze(advertise({ main: '1', z: '2' }))))
  const plan = planRefs(comparison, { here: new Map([[refName('main'), 'diverged']]) })
  expect(plan.map(({ ref, before, after }) => [ref, before, after])).toEqual([
    ['refs/heads/a', null, oid('c')],
    ['refs/heads/b', null, oid('b')],
    ['refs/heads/main', oid('1'), oid('a')],
    ['refs/heads/z', oid('2'), null],
  ])
  expect(plan.every(({ reason }) => reason !== '')).toBe(true)
  expect(plan.map(({ action, side }) => [action, side])).toEqual([
    ['create', 'there'],
    ['create', 'there'],
    ['force', 'there'],
    ['keep', null],
  ])
})

test('a pull is the same with the sides exchanged', () => {
  const [source, destination] = [advertise({ main: 'a', x: 'b' }), advertise({ main: '1' })]
  const push = compare(source, destination)
  const pull = compareSides({ ...push, here: destination, there: source, source: 'there' })
  expect(questionsTo('there', pull)).toEqual(questionsTo('here', push))
  const relations = new Map([[refName('main'), 'ancestor' as const]])
  const exchanged = planRefs(push, { here: relations }).map(planned => ({ ...planned, side: 'here' }))
  expect(planRefs(pull, { there: relations })).toEqual(exchanged)
})

test('new names that a disk may take for another: by case, Unicode form, or directory, after the one that is there first', () => {
  const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301']
  const source = advertise({ A: 'a', a: 'b', 'Dir/x': 'a', [composed]: 'a', same: 'a', Same: 'b', plain: 'a' })
  const destination = advertise({ 'dir/x': 'a', [decomposed]: 'a', same: 'c', Same: 'b', old: 'a' })
  const { twinOf, replacedBy } = foldedNames(planRefs(compare(source, destination, { prune: 'all' }), {}), destination.refs.keys())
  const named = (names: ReadonlyMap<string, string>) =>
    Object.fromEntries([...names].map(pair => pair.map(name => name.replace('refs/heads/', ''))))
  expect(named(twinOf)).toEqual({ a: 'A', 'Dir/x': 'dir/x', [composed]: decomposed })
  expect(named(replacedBy)).toEqual({ 'dir/x': 'Dir/x', [decomposed]: composed })
})
