import { expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { settingsFrom } from '../support/settings.ts'

const parse = (inputs: RawInputs) =>
  settingsFrom({ 'repository-url': 'https://github.com/o/r.git', 'remote-url': 'file:///mirror', ...inputs })

test('what narrows the selection is read', () => {
  expect(parse({})).toMatchObject({ branchRegex: null, protectedOnly: false, protectedBranches: [], apiUrl: null })
  expect(parse({ 'branch-regex': ' ^a,b$ ', 'protected-only': 'true', 'protected-branches': 'main, *-stable\nx/*' })).toMatchObject({
    branchRegex: '^a,b$',
    protectedOnly: true,
    protectedBranches: ['main', '*-stable', 'x/*'],
  })
})

test.each<[RawInputs, string]>([
  [{}, 'all'],
  [{ branches: 'main' }, 'reachable'],
  [{ branches: '!wip/*' }, 'reachable'],
  [{ branches: '*' }, 'all'],
  [{ 'branch-regex': '^main$' }, 'reachable'],
  [{ 'protected-only': 'true' }, 'reachable'],
  [{ branches: 'main', tags: 'v*' }, 'all'],
  [{ branches: 'main', tags: 'v*', 'tag-scope': 'reachable' }, 'reachable'],
  [{ branches: 'main', 'tag-scope': 'all' }, 'all'],
])('%j mirrors %s tags', (inputs, scope) => expect(parse(inputs).tagScope).toBe(scope))

test.each<[RawInputs, string]>([
  [{ 'protected-branches': 'main' }, 'protected-branches has an effect only with `protected-only: true`'],
  [{ 'protected-only': 'true', 'protected-branches': '!main' }, 'protected-branches cannot exclude "!main"'],
  [{ 'protected-only': 'true', 'protected-branches': 'a..b' }, 'protected-branches has a pattern that no ref name can match'],
  [{ 'protected-only': 'yes' }, 'protected-only must be true or false'],
  [{ 'protected-only': 'true', 'repository-url': 'file:///here' }, 'protected-only needs the API of a forge, and file:///here has none'],
])('%j is refused', (inputs, words) => expect(() => parse(inputs)).toThrow(words))
