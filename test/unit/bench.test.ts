import { describe, expect, test } from '@jest/globals'
import { History } from '../../bench/repositories/history.ts'
import { roundTrips } from '../../bench/round-trips.ts'
import { type Row, verdictOf } from '../../bench/row.ts'
import { median } from '../../bench/statistics.ts'
import { renderTable } from '../../bench/table.ts'

describe('round trips that fit one after the other', () => {
  const trace = (asked: number, sent: readonly number[], received: readonly number[]) => ({ asked, sent, received })
  test.each([
    ['nothing', [], 0],
    ['a connection', [trace(0, [], [])], 1],
    ['a question and its answer', [trace(0, [50], [100])], 2],
    ['bytes that cannot be the answer yet', [trace(0, [50], [60])], 1],
    ['one question in two pieces', [trace(0, [50, 51], [100, 101])], 2],
    ['three questions', [trace(0, [50, 105, 160], [102, 157, 230])], 4],
    ['an answer that takes its time', [trace(0, [50], [400])], 2],
    ['two connections at the same time', [trace(0, [50], [100]), trace(3, [53], [103])], 2],
    ['two connections, one after the other', [trace(0, [50], [100]), trace(101, [151], [201])], 4],
  ])('%s', (_, traces, expected) => expect(roundTrips(traces, 50)).toBe(expected))
})

test('medians of odd numbers only', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(() => median([1, 2])).toThrow('a median of 2 values')
})

describe('verdicts', () => {
  const row = (given: Partial<Row>): Row => ({ row: 'row', unit: 'ms', ours: 100, theirs: { value: 400, what: 'git' }, ...given })
  test.each([
    ['no target', row({}), '–'],
    ['faster', row({ target: { kind: 'times-faster', atLeast: 4 } }), 'met'],
    ['not fast enough', row({ target: { kind: 'times-faster', atLeast: 4.1 } }), 'missed'],
    ['a part of theirs', row({ target: { kind: 'ratio', atMost: 0.25 } }), 'met'],
    ['too large a part', row({ target: { kind: 'ratio', atMost: 0.2 } }), 'missed'],
    ['little enough', row({ target: { kind: 'ours', atMost: 100 } }), 'met'],
    ['too much', row({ target: { kind: 'ours', atMost: 99 } }), 'missed'],
    ['not measured', row({ ours: null, target: { kind: 'ours', atMost: 99 } }), '–'],
  ] as const)('%s', (_, given, expected) => expect(verdictOf(given)).toBe(expected))

  test('in a table', () => {
    const table = renderTable([row({ target: { kind: 'times-faster', atLeast: 40 }, note: 'a note' })])
    expect(table.split('\n').map(line => line.replace(/ {2,}/g, ' '))).toEqual([
      'row ours theirs ratio target verdict',
      expect.stringMatching(/^[─ ]+$/),
      'row 100 ms 400 ms git 4.00× faster ≥ 40× faster missed',
      '',
      ' row: a note',
      '',
    ])
  })
})

test('the same seed makes the same history', () => {
  const write = (seed: number) => {
    const history = new History({ commits: 200, files: 30, branches: 5 }, seed)
    return [...history.base(), ...history.increment(4, 8)].join('')
  }
  expect(write(1)).toBe(write(1))
  expect(write(1)).not.toBe(write(2))
  expect(write(1).match(/^commit refs/gm)).toHaveLength(208)
})
