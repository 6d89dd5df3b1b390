import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import type { Oid } from '../../src/refs/ref.ts'
import { asDamage, DamageSearch, damageIn } from '../../src/transfer/damage.ts'

const oid = (index: number) => index.toString(16).padStart(40, '0') as Oid
const OID = '1234567890123456789012345678901234567890'

/** Mirrors tips from a source that cannot give some of them, until no more attempt follows. */
function searchAmong(count: number, isDamaged: (index: number) => boolean, isNamed = false) {
  const search = new DamageSearch()
  const all = Array.from({ length: count }, (_, index) => index)
  const given = new Map<number, number>()
  let requests = 0
  for (let goesOn = true; goesOn; requests++) {
    const leftOut = search.leftOut
    const asked = all.filter(index => !leftOut.has(oid(index)))
    search.requests(asked.filter(index => !given.has(index)).map(oid))
    const bad = asked.find(isDamaged)
    if (bad === undefined) for (const index of asked) given.set(index, (given.get(index) ?? 0) + 1)
    const damage = { kind: 'source-damaged', reason: 'unable to read' } as const
    goesOn =
      bad === undefined ? search.passed() : search.failed({ damage, named: new Set(isNamed ? [oid(bad)] : []), isOfNamed: false }, oid(0))
  }
  return { requests, damaged: all.filter(index => search.leftOut.get(oid(index)) != null), given: [...given.keys()].sort((a, b) => a - b) }
}

describe('the search for damaged tips', () => {
  test('a source without damage gets no other request', () => expect(searchAmong(1000, () => false).requests).toBe(1))

  test.each([
    ['the default branch', 1000, [0], 4],
    ['one of 1,000', 1000, [777], 18],
    ['the last of 1,000', 1000, [999], 16],
    ['two of 1,000', 1000, [3, 600], 36],
    ['one of one', 1, [0], 2],
    ['both of two', 2, [0, 1], 5],
    ['all of 16', 16, Array.from({ length: 16 }, (_, index) => index), 34],
    ['40 of 1,000', 1000, Array.from({ length: 40 }, (_, index) => 25 * index + 7), 500],
  ])('%s: it alone is damaged, and all others are given', (_, count, damaged, most) => {
    const found = searchAmong(count, index => damaged.includes(index))
    expect(found.damaged).toEqual(damaged)
    expect(found.given).toHaveLength(count - damaged.length)
    expect(found.requests).toBeLessThanOrEqual(most)
  })

  test('tips that the source names: one request each, and halves where there are many', () => {
    expect(searchAmong(1000, index => index === 777, true)).toMatchObject({ damaged: [777], requests: 2 })
    const many = searchAmong(1000, index => index % 25 === 7, true)
    expect(many.damaged).toHaveLength(40)
    expect(many.given).toHaveLength(960)
    expect(many.requests).toBeLessThanOrEqual(150)
  })

  test('a source without one sound tip is given up after few requests', () => {
    const found = searchAmong(1000, () => true)
    expect(found.damaged).toHaveLength(1000)
    expect(found.requests).toBeLessThanOrEqual(40)
  })

  test('a connection that is lost once in the search is no sign of damage: the same tips are requested again', () => {
    const search = new DamageSearch()
    const damage = { kind: 'source-damaged', reason: 'the end' } as const
    const found = { damage, named: new Set<string>(), isOfNamed: false }
    expect(search.lost(damage)).toBe(false)
    search.requests([oid(0), oid(1)])
    expect(search.failed(found, null)).toBe(true)
    expect([...search.leftOut]).toEqual([[oid(1), null]])
    for (const isLost of [true, false]) {
      search.requests([oid(0)])
      expect(isLost ? search.lost(damage) : search.passed()).toBe(true)
    }
    // The other one was to blame. Alone it is lost twice, so it is.
    expect(search.leftOut.get(oid(0))).toBeUndefined()
    const other = new DamageSearch()
    other.requests([oid(0), oid(1)])
    other.failed(found, null)
    for (const damaged of [null, damage]) {
      other.requests([oid(0)])
      expect(other.lost(damage)).toBe(true)
      expect(other.leftOut.get(oid(0)) ?? null).toEqual(damaged)
    }
  })

  test('a failure that none of the requested tips explains ends the search', () => {
    const search = new DamageSearch()
    const damage = { kind: 'source-damaged', reason: '' } as const
    expect(search.failed({ damage, named: new Set(), isOfNamed: false }, null)).toBe(false)
    search.requests([oid(1), oid(2)])
    expect(search.failed({ damage, named: new Set([oid(3)]), isOfNamed: true }, null)).toBe(false)
    expect(search.leftOut.size).toBe(0)
  })
})

describe('what a failure says of the objects', () => {
  test.each([
    [`remote: fatal: unable to read ${OID}`, 'source-damaged', `unable to read ${OID}`],
    [`fatal: loose object ${OID} (stored in ./objects/12/3) is corrupt`, 'source-damaged', /loose object/],
    [`fatal: could not fetch ${OID} from promisor remote`, 'source-partial', /from promisor remote/],
    ['aborting due to possible repository corruption on the remote side.\0', 'source-damaged', 'the end'],
    ['nothing of that kind', 'connection-lost', 'the end'],
  ])('%s', (output, kind, message) => {
    const failure = asDamage(new Failure('connection-lost', 'the end', { side: 'here' }), output)
    expect(failure).toMatchObject({ kind, side: 'here', message: typeof message === 'string' ? message : expect.stringMatching(message) })
  })

  test('a destination that is full, or credentials that are refused, are no damage', () => {
    expect(asDamage(new Failure('credentials-refused', 'no'), `unable to read ${OID}`).kind).toBe('credentials-refused')
    expect(damageIn(new Failure('disk-full', `unable to read ${OID}`))).toBeNull()
    expect(damageIn(new Failure('source-moved', `not our ref ${OID}`))).toMatchObject({ isOfNamed: true, named: new Set([OID]) })
  })
})
