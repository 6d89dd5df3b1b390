import { describe, expect, test } from '@jest/globals'
import { isTransient } from '../../src/errors/kinds.ts'
import type { RefChange } from '../../src/plan/plan.ts'
import { backoff } from '../../src/run/retry.ts'
import { confusedWith, cutIntoRequests, halve, orderChanges } from '../../src/transfer/push-order.ts'
import { oid, refName } from '../support/sample.ts'

const change = (name: string, action: RefChange['action'] = 'create'): RefChange => ({
  ref: refName(name),
  action,
  before: action === 'create' ? null : oid('1'),
  after: action === 'delete' ? null : oid('2'),
})
const names = (changes: readonly RefChange[]) => changes.map(({ ref }) => ref.replace('refs/heads/', ''))

test('deletes first, then the default branch, then by name', () => {
  const changes = [change('b'), change('main'), change('a/b'), change('z', 'delete'), change('a', 'delete')]
  expect(names(orderChanges(changes, refName('main')))).toEqual(['a', 'z', 'main', 'a/b', 'b'])
  expect(names(orderChanges(changes, null))).toEqual(['a', 'z', 'a/b', 'b', 'main'])
})

describe('cutIntoRequests', () => {
  const many = Array.from({ length: 2500 }, (_, index) => change(`b${index}`))
  test('by number', () =>
    expect(cutIntoRequests(many, { refs: 1000, characters: 1e9 }).map(request => request.length)).toEqual([1000, 1000, 500]))
  test('by length of the command line, one at least', () => {
    expect(cutIntoRequests(many.slice(0, 3), { refs: 1000, characters: 1 }).map(request => request.length)).toEqual([1, 1, 1])
    const requests = cutIntoRequests(many, { refs: 1000, characters: 24_000 })
    expect(requests.flat()).toEqual(many)
    expect(requests.every(request => request.length < 250)).toBe(true)
  })
  test('nothing is no request', () => expect(cutIntoRequests([], { refs: 10, characters: 10 })).toEqual([]))
})

test('halves keep the order and lose nothing', () => {
  expect(halve([1, 2, 3])).toEqual([[1, 2], [3]])
  expect(halve([1])).toEqual([[1]])
  expect(halve([])).toEqual([])
})

describe('retry', () => {
  test('only network and race faults', () => {
    expect((['settings', 'auth', 'host-key', 'remote', 'network', 'race', 'bug'] as const).filter(isTransient)).toEqual(['network', 'race'])
  })
  test('doubles up to 30 s and is spread', () => {
    expect([1, 2, 3, 9].map(repetition => backoff(repetition, 1))).toEqual([1000, 2000, 4000, 30_000])
    expect(backoff(1, 0)).toBe(500)
  })
})

test('names that git would take for one another', () => {
  const present = new Set(
    ['refs/heads/main', 'refs/heads/refs/heads/a', 'refs/heads/refs/tags/v', 'refs/tags/refs/heads/b'].map(
      name => name as ReturnType<typeof refName>,
    ),
  )
  expect(confusedWith(refName('a'), present)).toBe('refs/heads/refs/heads/a')
  expect(confusedWith(refName('tags/v'), present)).toBe('refs/heads/refs/tags/v')
  expect(confusedWith(refName('b'), present)).toBe('refs/tags/refs/heads/b')
  expect(confusedWith(refName('main'), present)).toBeNull()
  expect(confusedWith(refName('refs/heads/a'), present)).toBeNull()
})
