import { describe, expect, test } from '@jest/globals'
import { compileRegex, problemsOfRegex } from '../../src/refs/regex.ts'
import { mayNotHang } from '../support/hang.ts'

describe('compileRegex', () => {
  test.each([
    // GitLab's documentation of mirrors, and RE2's syntax.
    ['main', 'main', true],
    ['main', 'domain', true],
    ['^main$', 'domain', false],
    ['main|v[0-9]+', 'v12', true],
    ['(main|release-\\d+\\.\\d+)$', 'x/release-1.2', true],
    ['(?i)MAIN', 'main', true],
    ['MAIN', 'main', false],
    ['^\\p{Lu}', 'Écrit', true],
    ['(?P<kind>fix|feat)/', 'fix/1', true],
    ['a.c', 'a/c', true],
    ['\\Qa.b\\E', 'axb', false],
  ])('%s on %s: %s', async (pattern, name, expected) => {
    const compiled = await compileRegex(pattern)
    expect('matches' in compiled && compiled.matches(name)).toBe(expected)
  })

  test.each([
    ['(a', 'missing'],
    ['a**', 'repetition'],
    ['(?=a)', 'Perl syntax'],
    ['(a)\\1', 'escape'],
    ['[b-a]', 'range'],
    ['a{1001}', 'repeat'],
    ['a'.repeat(256), 'longer than 255'],
  ])('%s is refused', async (pattern, words) => {
    expect(await compileRegex(pattern)).toEqual({ problem: expect.stringContaining(words) })
  })

  test.each(['(a+)+$', '(a|aa)+$', '(.*a){20}$', '((a*)*)*b', '^(a?){100}a{100}$'])('%s is not slow', async pattern => {
    const compiled = await compileRegex(pattern)
    // Backtracking would take longer than the age of the universe.
    mayNotHang(() => 'matches' in compiled && compiled.matches(`${'a'.repeat(240)}!`))
  })
})

test('problems are told with the name of the input', async () => {
  expect(await problemsOfRegex(undefined, '`branch-regex`')).toEqual([])
  expect(await problemsOfRegex(' ^main$ ', '`branch-regex`')).toEqual([])
  expect(await problemsOfRegex('(', '`branch-regex`')).toEqual([expect.stringMatching(/^`branch-regex` is not a regular expression/)])
})
