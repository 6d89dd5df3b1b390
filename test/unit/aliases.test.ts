import { describe, expect, test } from '@jest/globals'
import { findAliases, planHealing, planMarks, type Result, returned, twinGroups } from '../../src/plan/aliases.ts'
import type { PlannedRef } from '../../src/plan/plan.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import { advertise, oid, refName } from '../support/sample.ts'

/** `{ x: 'ab' }`: from tip a to tip b; `-` = absent. */
const changesOf = (changes: Readonly<Record<string, string>>): PlannedRef[] =>
  Object.entries(changes).map(([name, [from = '-', to = '-']]) => {
    const tip = (digit: string) => (digit === '-' ? null : oid(digit))
    const action = to === '-' ? 'delete' : from === '-' ? 'create' : 'force'
    return { ref: refName(name), action, before: tip(from), after: tip(to), side: 'there', reason: '', code: null }
  })

const groupsOf = (changes: Readonly<Record<string, string>>, tips: Readonly<Record<string, string>>, aliases: readonly string[] = []) =>
  twinGroups(changesOf(changes), advertise(tips).refs, new Set(aliases.map(refName)))

describe('which refs may be one', () => {
  test.each<[string, Record<string, string>, Record<string, string>, readonly string[], readonly (readonly string[])[]]>([
    ['two branches with one tip, of which one changes', { x: 'ab' }, { x: 'a', y: 'a' }, [], [['x', 'y']]],
    ['a branch with a tip of its own', { x: 'ab' }, { x: 'a', y: 'b' }, [], []],
    ['a tag and a branch', { x: 'ab', 'tags/w': 'cd' }, { x: 'a', 'tags/v': 'a', 'tags/w': 'c', y: 'c' }, [], []],
    ['two tags', { 'tags/v': 'ab' }, { 'tags/v': 'a', 'tags/w': 'a' }, [], [['tags/v', 'tags/w']]],
    ['all go', { x: 'a-', y: 'a-' }, { x: 'a', y: 'a' }, [], []],
    ['all get the same tip', { x: 'ab', y: 'ab' }, { x: 'a', y: 'a' }, [], []],
    ['each gets its own tip', { x: 'ab', y: 'ac' }, { x: 'a', y: 'a' }, [], [['x', 'y']]],
    ['all but one go', { x: 'a-', y: 'a-' }, { x: 'a', y: 'a', z: 'a' }, [], [['x', 'y', 'z']]],
    ['a new ref', { x: '-a' }, { y: 'a', z: 'a' }, [], []],
    ['what is known to be symbolic', { x: 'ab' }, { x: 'a', y: 'a' }, ['y'], []],
    [
      'two groups',
      { x: 'ab', v: 'cd' },
      { x: 'a', y: 'a', v: 'c', w: 'c' },
      [],
      [
        ['x', 'y'],
        ['v', 'w'],
      ],
    ],
  ])('%s', (_, changes, tips, aliases, expected) => {
    const found = groupsOf(changes, tips, aliases).map(({ members }) => members)
    expect(found).toEqual(expected.map(names => names.map(refName)))
  })
})

describe('what a look at the refs shows', () => {
  /** @param refused as inconsistent; every other change landed */
  const find = (changes: Record<string, string>, now: Record<string, string>, refused: readonly string[] = [], tips = TIPS) => {
    const resultOf = (ref: RefName): Result => {
      const isInconsistent = refused.map(refName).includes(ref)
      return { isLanded: !isInconsistent && changes[ref.slice('refs/heads/'.length)] !== undefined, isInconsistent }
    }
    const groups = groupsOf(changes, tips)
    const { aliases, putBack, again } = findAliases(groups, advertise(now).refs, refName('main'), resultOf)
    return {
      aliases,
      putBack: putBack.map(({ ref, before, after }) => [ref, before, after]),
      again: again.map(({ ref }) => ref),
      returned: returned(groups, advertise(tips).refs, resultOf),
    }
  }
  const TIPS = { main: 'a', x: 'a', y: 'a' }
  const NOTHING = { aliases: [], putBack: [], again: [] }
  test('all stand where they should', () => expect(find({ x: 'ab' }, { main: 'a', x: 'b', y: 'a' })).toMatchObject(NOTHING))
  test('another writer moved one', () => expect(find({ x: 'ab' }, { main: 'a', x: 'b', y: 'c' })).toMatchObject(NOTHING))
  test('a twin moved along: it is put back, and what comes back with it is symbolic', () => {
    expect(find({ x: 'ab' }, { main: 'b', x: 'b', y: 'a' })).toEqual({
      ...NOTHING,
      putBack: [[refName('main'), oid('b'), oid('a')]],
      returned: [refName('x')],
    })
    expect(find({ x: 'a-' }, { y: 'a' })).toMatchObject({ putBack: [[refName('main'), null, oid('a')]] })
  })
  test('what moved along with the branch that HEAD names is symbolic', () => {
    expect(find({ main: 'ab' }, { main: 'b', x: 'b', y: 'a' })).toMatchObject({ ...NOTHING, aliases: [refName('x')] })
  })
  test('of two that are refused as one, the branch that HEAD names is changed', () => {
    const both = { ...NOTHING, aliases: [refName('x')], again: [refName('main')] }
    expect(find({ main: 'ab', x: 'ac' }, TIPS, ['main', 'x'])).toMatchObject(both)
    expect(find({ x: 'ab', y: 'ac' }, TIPS, ['x', 'y'])).toMatchObject({ aliases: [refName('y')], again: [refName('x')] })
  })
})

describe('marks', () => {
  const sealer = { id: 'mirror', key: 'secret' }
  const marksOf = (changes: Record<string, string>, tips: Record<string, string>): Map<RefName, Oid> =>
    new Map(
      planMarks(groupsOf(changes, tips), refName('main'), new Map(), sealer).flatMap(({ ref, after }) => (after ? [[ref, after]] : [])),
    )
  const healed = (
    mirroringRefs: ReadonlyMap<RefName, Oid>,
    now: Record<string, string>,
    key = 'secret',
    base: string | null = null,
    known: readonly RefName[] = [],
  ) => {
    const agreed = base === null ? null : advertise({ y: base }).refs
    const { putBack, marks } = planHealing({ refs: advertise(now).refs, mirroringRefs }, known, { ...sealer, key }, agreed)
    return { putBack: putBack.map(({ ref, before, after }) => [ref, before, after]), marks: marks.length }
  }
  const marks = marksOf({ x: 'ab', z: 'a-' }, { x: 'a', y: 'a', z: 'a' })

  test('one for each ref that stays, and one for each tip to come; none for the branch that HEAD names', () => {
    expect(marks.size).toBe(3)
    expect(new Set(marks.values())).toEqual(new Set([oid('a')]))
    expect(marksOf({ main: 'ab' }, { main: 'a', y: 'a' }).size).toBe(0)
    expect(marksOf({ x: 'ab', y: 'ac' }, { x: 'a', y: 'a' }).size).toBe(0)
  })
  test.each<[string, Record<string, string>, unknown[]]>([
    ['moved along', { x: 'b', y: 'b' }, [[refName('y'), oid('b'), oid('a')]]],
    ['deleted as well', {}, [[refName('y'), null, oid('a')]]],
    ['not moved', { x: 'b', y: 'a' }, []],
    ['moved by another writer', { x: 'b', y: 'c' }, []],
  ])('%s', (_, now, putBack) => expect(healed(marks, now)).toEqual({ putBack, marks: 3 }))
  test('in both directions, only a tip on which both sides agreed is put back', () => {
    expect(healed(marks, { x: 'b', y: 'b' }, 'secret', 'a').putBack).toHaveLength(1)
    expect(healed(marks, { x: 'b', y: 'b' }, 'secret', 'c').putBack).toEqual([])
  })
  test('the mark of a long name is shortened, and found by the names of both sides', () => {
    const long = `y${'é'.repeat(110)}`
    const shortened = marksOf({ x: 'ab' }, { x: 'a', [long]: 'a' })
    expect(Math.max(...[...shortened.keys()].map(name => Buffer.byteLength(name)))).toBeLessThanOrEqual(255)
    const putBack = [[refName(long), null, oid('a')]]
    const gone = marksOf({ x: 'a-' }, { x: 'a', [long]: 'a' })
    expect(healed(gone, {}, 'secret', null, [refName('x'), refName(long)])).toEqual({ putBack, marks: 2 })
    // Neither side has the name: the mark stays, and keeps the tip.
    expect(healed(gone, {})).toEqual({ putBack: [], marks: 1 })
    expect(healed(gone, {}, 'another', null, [refName(long)])).toEqual({ putBack: [], marks: 0 })
  })
  test('those of others are left alone', () => expect(healed(marks, { x: 'b', y: 'b' }, 'another')).toEqual({ putBack: [], marks: 0 }))
})
