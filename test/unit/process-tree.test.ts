import { expect, test } from '@jest/globals'
import { parsePs, parseStat, treeOf } from '../../src/git/process-tree.ts'

test.each<[string, string, readonly [number, number] | null]>([
  ['a plain name', '42 (git) S 7 42 42 0 -1 4194304', [42, 7]],
  ['a name that looks like more of the line', '42 (x) S 1 (y) R 7 42 42 0', [42, 7]],
  ['a name with a line break', '42 (a\nb) Z 7 42 42 0', [42, 7]],
  ['no such line', '', null],
])('/proc/<pid>/stat: %s', (_, text, expected) => expect(parseStat(text)).toEqual(expected))

test('ps: two numbers a line', () => {
  expect(parsePs('    1     0\n  300     1\n99999   300\n')).toEqual(
    new Map([
      [1, 0],
      [300, 1],
      [99999, 300],
    ]),
  )
})

test('a tree is the process, and what it and its own have started', () => {
  const parents = new Map([
    [1, 0],
    [2, 1],
    [30, 2],
    [3, 2],
    [4, 3],
    [5, 1],
  ])
  expect(treeOf(2, parents)).toEqual([2, 30, 3, 4])
  expect(treeOf(99, parents)).toEqual([99])
})
