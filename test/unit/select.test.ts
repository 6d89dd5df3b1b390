import { describe, expect, test } from '@jest/globals'
import { checkSelection, matchesGlob, type RefPattern, selects, unmatchedPatterns } from '../../src/refs/select.ts'
import { advertise, refName } from '../support/sample.ts'

const patterns = (...texts: string[]): RefPattern[] => texts.map(text => ({ exclude: text.startsWith('!'), glob: text.replace(/^!/, '') }))

describe('matchesGlob', () => {
  // The examples of GitLab's documentation for wildcard protected branches, and their neighbours.
  test.each([
    ['*-stable', 'production-stable', true],
    ['*-stable', 'staging-stable', true],
    ['*-stable', 'stable', false],
    ['production/*', 'production/app-server', true],
    ['production/*', 'production/a/b', true],
    ['production/*', 'production', false],
    ['production/*', 'production/', true],
    ['*gitlab*', 'gitlab', true],
    ['*gitlab*', 'gitlab/staging', true],
    ['*gitlab*', 'master/gitlab/production', true],
    ['main', 'main', true],
    ['main', 'main2', false],
    ['main', 'Main', false],
    ['*', '', true],
    ['*', 'a/b/c', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['v1.*', 'v1x0', false],
    ['a+', 'aa', false],
    ['**', 'x', true],
  ])('%s on %s: %s', (glob, name, expected) => expect(matchesGlob(glob, name)).toBe(expected))

  test('a pattern made to be slow is not', () => {
    expect(matchesGlob(`${'*a'.repeat(5000)}b`, 'a'.repeat(20_000))).toBe(false)
  })
})

describe('selects', () => {
  test.each([
    [[], [], 'main', true],
    [[], [], 'tags/v1', true],
    [['main'], [], 'main', true],
    [['main'], [], 'dev', false],
    [['main'], [], 'tags/v1', true],
    [[], ['v*'], 'tags/v1', true],
    [[], ['v*'], 'tags/w1', false],
    [[], ['!*'], 'tags/v1', false],
    [['!wip/*'], [], 'wip/a', false],
    [['!wip/*'], [], 'main', true],
    [['release/*', '!release/old'], [], 'release/old', false],
    [['release/*', '!release/old'], [], 'release/new', true],
  ])('branches %j, tags %j: %s is %s', (branches, tags, name, expected) => {
    expect(selects({ branches: patterns(...branches), tags: patterns(...tags) }, refName(name))).toBe(expected)
  })
})

describe('conditions', () => {
  const only = (...names: string[]) => ({ name: `only ${names.join()}`, matches: (name: string) => names.includes(name) })
  test('each must hold for a branch, and none is asked about a tag', () => {
    const selection = { branches: patterns('m*'), tags: [], conditions: [only('main', 'dev'), only('main', 'more')] }
    expect(['main', 'dev', 'more', 'tags/dev'].filter(name => selects(selection, refName(name)))).toEqual(['main', 'tags/dev'])
  })
})

describe('checkSelection', () => {
  const sides = [advertise({ main: 'a', 'tags/v1': 'a' }), advertise({ old: 'b' })]
  const none = { name: 'the protected branches (x)', matches: () => false }
  test.each([
    ['no patterns', [], [], [], null],
    ['a branch of either side', ['old'], [], [], null],
    ['only excluded', ['!*'], [], [], null],
    ['tags alone', ['!*'], ['v*'], [], null],
    ['tags that are not there yet', ['main'], ['w*'], [], null],
    ['no branch, though tags', ['x', '!y'], [], [], 'no branch of either side is selected by the patterns of `branches` (x, !y)'],
    ['no condition', [], [], [none], 'no branch of either side is selected by the protected branches (x)'],
    ['nothing at all', ['!*'], ['w*'], [], 'no branch and no tag of either side is selected'],
  ])('%s', (_, branches, tags, conditions, message) => {
    const check = () => checkSelection({ branches: patterns(...branches), tags: patterns(...tags), conditions }, sides)
    if (message === null) expect(check).not.toThrow()
    else expect(check).toThrow(message)
  })

  test('sides without branches prove nothing', () => {
    expect(() => checkSelection({ branches: patterns('x'), tags: [] }, [advertise({}), advertise({})])).not.toThrow()
  })
})

test('a pattern that matches nothing is told, but not `*`', () => {
  const names = ['main', 'old', 'tags/v1'].map(refName)
  expect(unmatchedPatterns({ branches: patterns('main', 'old', 'relase/*'), tags: patterns('v*', '!x') }, names)).toEqual([
    'the pattern "relase/*" of `branches` matches nothing',
    'the pattern "!x" of `tags` matches nothing',
  ])
  expect(unmatchedPatterns({ branches: patterns('*'), tags: patterns('!*') }, [])).toEqual([])
})
