import { describe, expect, test } from '@jest/globals'
import { type BackupRules, namedBackups, planBackups, planPurge } from '../../src/plan/backups.ts'
import type { Action } from '../../src/plan/outcome.ts'
import type { PlannedRef, Relation } from '../../src/plan/plan.ts'
import { backupName, isMirroringRef, parseBackupName } from '../../src/refs/mirroring-ref.ts'
import type { RefName } from '../../src/refs/ref.ts'
import { advertise, oid, refName } from '../support/sample.ts'

const NOW = new Date('2026-11-25T05:01:38.999Z')
const RULES: BackupRules = { backup: true, days: 30, atomic: false, now: NOW }

/** `main force 1 2`: name, action, tip before, tip after; `-` = absent. */
function change(text: string): PlannedRef {
  const [name = '', action, before = '-', after = '-'] = text.split(' ')
  const tip = (digit: string) => (digit === '-' ? null : oid(digit))
  return { ref: refName(name), action: action as Action, before: tip(before), after: tip(after), side: 'there', reason: '', code: null }
}

interface Case {
  readonly changes: readonly string[]
  readonly destination: Readonly<Record<string, string>>
  readonly peeled?: Readonly<Record<string, string>>
  /** Names of what is contained in `main` of the source. */
  readonly merged?: readonly string[]
  /** Tip of `main` at the source. */
  readonly main?: string
  readonly own?: Readonly<Record<string, string>>
}

function backupsOf({ changes, destination, peeled = {}, merged = [], main = '9', own = {} }: Case, rules: Partial<BackupRules> = {}) {
  const there = {
    ...advertise(destination, { peeled }),
    mirroringRefs: new Map(
      Object.entries(own).map(([name, digit]) => [`refs/mirroring/backup/${name}` as ReturnType<typeof refName>, oid(digit)]),
    ),
  }
  const relations = new Map(merged.map(name => [refName(name), 'ancestor' as Relation]))
  const input = { changes: changes.map(change), source: advertise({ main }), destination: there, relations }
  return planBackups(input, { ...RULES, ...rules })
}

const short = (name: string) => name.replace(/^refs\/(?:heads\/)?/, '')
const inShort = (one: Case, rules: Partial<BackupRules> = {}) => {
  const { backups, waiting } = backupsOf(one, rules)
  return Object.fromEntries([
    ...[...backups].map(([ref, { present }]) => [short(ref), present ? 'present' : 'backup'] as const),
    ...[...waiting].map(([ref, others]) => [short(ref), `after ${others.map(short).join(' or ')}`] as const),
  ])
}

describe('what is backed up', () => {
  test.each<[string, Case, Record<string, string>]>([
    ['a force', { changes: ['main force 1 2'], destination: { main: '1' } }, { main: 'backup' }],
    ['neither a creation nor a fast-forward', { changes: ['a create - 2', 'b fast-forward 1 2'], destination: { b: '1' } }, {}],
    ['an unmerged deletion', { changes: ['x delete 1'], destination: { main: '9', x: '1' } }, { x: 'backup' }],
    ['not a merged one', { changes: ['x delete 1'], destination: { main: '9', x: '1' }, merged: ['x'] }, {}],
    [
      'a merged one, where the destination has nothing with the tip that it was merged into',
      { changes: ['x delete 1'], destination: { main: '8', x: '1' }, merged: ['x'] },
      { x: 'backup' },
    ],
    [
      'not a merged one, where the default branch gets there first',
      { changes: ['main fast-forward 8 9', 'x delete 1'], destination: { main: '8', x: '1' }, merged: ['x'] },
      { x: 'after main' },
    ],
    [
      'a merged one, where the default branch is forced, too',
      { changes: ['main force 8 9', 'x delete 1'], destination: { main: '8', x: '1' }, merged: ['x'] },
      { main: 'backup', x: 'backup' },
    ],
    ['not a tip that another ref has', { changes: ['x force 1 2'], destination: { x: '1', y: '1' } }, {}],
    ['not a tip that a tag leads to', { changes: ['x force 1 2'], destination: { x: '1', 'tags/v': '5' }, peeled: { 'tags/v': '1' } }, {}],
    [
      'a tip that another ref has, which loses it as well',
      { changes: ['x force 1 2', 'y delete 1'], destination: { x: '1', y: '1' } },
      { x: 'backup', y: 'backup' },
    ],
    ['a branch with a new name', { changes: ['new create - 1', 'old delete 1'], destination: { old: '1' } }, { old: 'after new' }],
    ['a name that makes room for another', { changes: ['a/b create - 1', 'a delete 1'], destination: { a: '1' } }, { a: 'backup' }],
    ['two branches that swap', { changes: ['a force 1 2', 'b force 2 1'], destination: { a: '1', b: '2' } }, { a: 'backup', b: 'backup' }],
    ['a moved tag', { changes: ['tags/v force 1 2'], destination: { 'tags/v': '1' } }, { 'tags/v': 'backup' }],
    [
      'an annotated tag, also where its commit is merged',
      { changes: ['tags/v delete 1'], destination: { main: '9', 'tags/v': '1' }, peeled: { 'tags/v': '2' }, merged: ['tags/v'] },
      { 'tags/v': 'backup' },
    ],
  ])('%s', (_, one, expected) => expect(inShort(one)).toEqual(expected))

  test('nothing, if that is not wanted', () =>
    expect(inShort({ changes: ['main force 1 2'], destination: { main: '1' } }, { backup: false })).toEqual({}))

  test('atomic: all lands or nothing, so nothing waits', () =>
    expect(inShort({ changes: ['new create - 1', 'old delete 1'], destination: { old: '1' } }, { atomic: true })).toEqual({}))

  test.each([
    ['20261124T000000Z/heads/main', '1', 30, 'present'],
    ['20261101T000000Z/heads/main', '1', 30, 'backup'],
    ['20200101T000000Z/heads/main', '1', 0, 'present'],
    ['20261124T000000Z/heads/main', '2', 30, 'backup'],
    ['20261124T000000Z/heads/other', '1', 30, 'backup'],
  ])('with %s of %s there already, kept for %d days: %s', (name, tip, days, expected) =>
    expect(inShort({ changes: ['main force 1 2'], destination: { main: '1' }, own: { [name]: tip } }, { days })).toEqual({
      main: expected,
    }),
  )
})

test.each([
  [30, ['20261025T000000Z/heads/main']],
  [1, ['20261025T000000Z/heads/main', '20261124T000000Z/tags/v1']],
  [0, []],
])('older than %d days', (days, expected) => {
  const own = {
    '20261025T000000Z/heads/main': '1',
    '20261124T000000Z/tags/v1': '2',
    '20261125T050138Z/heads/x': '3',
    'of-mine/heads/y': '4',
  }
  const { expired } = backupsOf({ changes: [], destination: {}, own }, { days, backup: false })
  expect([...expired.keys()]).toEqual(expected.map(name => `refs/mirroring/backup/${name}`))
})

test('a long name is cut, never within a letter, and a hash tells it from others', () => {
  const names = [
    'a'.repeat(220),
    'a'.repeat(221),
    `${'a'.repeat(100)}/${'b'.repeat(120)}`,
    'é'.repeat(110),
    `${'a'.repeat(140)}😀${'é'.repeat(40)}`,
  ]
  const stored = names.map(name => backupName(refName(name), NOW))
  expect(new Set(stored).size).toBe(names.length)
  for (const name of stored) {
    expect(name).toMatch(/^refs\/mirroring\/backup\/20261125T050138Z\/long\/heads\/[^\ufffd]+-[0-9a-f]{32}$/u)
    expect(Buffer.byteLength(name)).toBeGreaterThan(250)
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
    expect(isMirroringRef(name)).toBe(true)
    expect(parseBackupName(name)).toEqual({ of: null, time: new Date('2026-11-25T05:01:38Z') })
  }
  expect(backupName(refName('a'.repeat(210)), NOW)).toMatch(/Z\/heads\/a+$/)
  // By the refs of the sides, by a pattern that names it in full, or because all are selected.
  const [long, other] = [refName('a'.repeat(220)), refName('a'.repeat(221))]
  const refs = new Map([[backupName(long, NOW), oid('1')]])
  const glob = (text: string) => [{ exclude: false, glob: text }]
  const chosen = (branches: ReturnType<typeof glob>, present: RefName[]) =>
    planPurge('there', namedBackups(refs, present), { branches, tags: [] }).length
  expect([chosen([], []), chosen(glob('*'), []), chosen(glob('a*'), []), chosen(glob('b*'), [long])]).toEqual([1, 1, 0, 0])
  expect([chosen(glob('a*'), [other]), chosen(glob('a*'), [other, long])]).toEqual([0, 1])
})

test('names', () => {
  expect(backupName(refName('feature/x'), NOW)).toBe('refs/mirroring/backup/20261125T050138Z/heads/feature/x')
  expect(parseBackupName(backupName(refName('tags/v1'), NOW))).toEqual({ of: 'refs/tags/v1', time: new Date('2026-11-25T05:01:38Z') })
  for (const name of ['refs/heads/main', 'refs/mirroring/backup/20261399T999999Z/heads/x', 'refs/mirroring/backup/now/heads/x'])
    expect(parseBackupName(name)).toBeNull()
  expect([isMirroringRef('refs/mirroring/base/x'), isMirroringRef('refs/mirroring/a..b'), isMirroringRef('refs/heads/x')]).toEqual([
    true,
    false,
    false,
  ])
})

test.each<[string, string, string]>([
  ['the same ref', 'a', '20261125T050139Z'],
  ['a ref below', 'a/b', '20261125T050139Z'],
  ['another ref', 'ab', '20261125T050139Z'],
])('a backup of %s in the same second does not stand in the way', (_, name, time) => {
  const own = { [`20261125T050138Z/heads/${name}`]: '5' }
  const { backups } = backupsOf({ changes: ['a force 1 2'], destination: { a: '1' }, own })
  expect([...backups.values()].map(({ ref }) => ref)).toEqual([`refs/mirroring/backup/${time}/heads/a`])
})

test('a name is found in one look at the backups there, however many have the coming seconds', () => {
  let looks = 0
  class CountingMap<V> extends Map<RefName, V> {
    override *keys(): MapIterator<RefName> {
      for (const name of super.keys()) {
        looks += 1
        yield name
      }
    }
  }
  const taken = Array.from(
    { length: 2000 },
    (_, second) => [backupName(refName('a'), new Date(NOW.getTime() + second * 1000)), oid('5')] as const,
  )
  const destination = {
    ...advertise({ a: '1' }),
    mirroringRefs: new CountingMap([...taken, ['refs/mirroring/backup' as RefName, oid('5')]]),
  }
  const input = { changes: [change('a force 1 2')], source: advertise({ main: '9' }), destination, relations: new Map() }
  const [backup] = planBackups(input, RULES).backups.values()
  expect([backup?.ref, looks]).toEqual(['refs/mirroring/backup/20261125T053458Z/heads/a', 2001])
})

describe('the choice of a purge', () => {
  const NAMES = [
    'backup/20261126T050138Z/heads/main',
    'backup/20261125T050138Z/heads/main',
    'backup/20261125T050138Z/heads/dev',
    'backup/20261125T050138Z/tags/v1',
    // Never chosen: no backups of this program, whatever selects them.
    'backup/20261125T050138Z/notes/x',
    'backup/yesterday/heads/main',
    'backup/heads/main',
    'base/1f0c/heads/main',
    'seal/1f0c-77aa/9b',
  ]
  const refs = new Map(NAMES.map((name, index) => [`refs/mirroring/${name}` as RefName, oid(String(index))]))
  const globs = (...texts: string[]) => texts.map(text => ({ exclude: text.startsWith('!'), glob: text.replace('!', '') }))
  const planned = (branches: string[], tags: string[]) =>
    planPurge('there', namedBackups(refs, []), { branches: globs(...branches), tags: globs(...tags) })
  const chosen = (branches: string[], tags: string[]) =>
    planned(branches, tags).map(({ ref }) => NAMES.indexOf(ref.replace('refs/mirroring/', '')))

  test.each<[string[], string[], number[]]>([
    [[], [], [0, 1, 2, 3]],
    [['main'], ['!*'], [0, 1]],
    [['ma*', '!main'], ['!*'], []],
    [['!*'], [], [3]],
    [['*'], ['v2'], [0, 1, 2]],
    [['!dev'], ['!v1'], [0, 1]],
    // Patterns are of names without `refs/heads/`, and never of the names of backups.
    [['refs/heads/main', 'heads/main', 'refs/mirroring/backup/*'], ['refs/*'], []],
    [[''], [''], []],
  ])('branches %j, tags %j', (branches, tags, expected) => expect(chosen(branches, tags)).toEqual(expected))

  test('says of which ref and time each is', () => {
    expect(planned(['main'], ['!*'])[0]).toEqual({
      ...{ ref: 'refs/mirroring/backup/20261126T050138Z/heads/main', action: 'delete', side: 'there', before: oid('0'), after: null },
      ...{ code: null, reason: 'the backup of refs/heads/main of 2026-11-26 05:01:38 UTC' },
    })
  })
})
