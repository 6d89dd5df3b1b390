import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type History, headsOf, orderHistory, reachFrom } from '../../src/plan/history.ts'
import type { Oid } from '../../src/refs/ref.ts'
import { oid } from '../support/sample.ts'

/** Commits by number, each with parents of lower numbers. */
const historyOf = (parents: readonly (readonly number[])[]): History =>
  new Map(parents.map((its, index) => [nameOf(index), its.map(nameOf)]))
const nameOf = (index: number): Oid => index.toString(16).padStart(40, '0') as Oid

const histories = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 30 })
  .map(all => all.map((parents, index) => (index === 0 ? [] : [...new Set(parents.map(parent => parent % index))])))

describe('the order of a history', () => {
  test('holds each commit that a tip leads to once, after its parents', () => {
    fc.assert(
      fc.property(histories, fc.array(fc.nat(29)), (parents, tips) => {
        const history = historyOf(parents)
        const order = orderHistory(history, tips.map(nameOf))
        expect(new Set(order)).toEqual(new Set(reachFrom(tips.map(nameOf), history)))
        expect(new Set(order).size).toBe(order.length)
        for (const [index, one] of order.entries())
          for (const parent of history.get(one) ?? []) expect(order.indexOf(parent)).toBeLessThan(index)
      }),
    )
  })

  test('begins with short histories', () => {
    const history = historyOf([[], [0], [1], [2], []])
    expect(orderHistory(history, [nameOf(3), nameOf(4)])[0]).toBe(nameOf(4))
  })

  test('leaves out what the destination has', () => {
    const [here, there] = [oid('1'), oid('2')]
    expect(orderHistory(new Map([[here, [there]]]), [here, there])).toEqual([here])
  })
})

test('from the heads of a part, all of it is reached, and none of them from another one', () => {
  fc.assert(
    fc.property(histories, fc.nat(29), (parents, count) => {
      const history = historyOf(parents)
      const part = orderHistory(history, history.keys()).slice(0, count)
      const heads = headsOf(part, history)
      expect(new Set(reachFrom(heads, history))).toEqual(new Set(part))
      for (const head of heads)
        expect(
          reachFrom(
            heads.filter(other => other !== head),
            history,
          ).has(head),
        ).toBe(false)
    }),
  )
})
