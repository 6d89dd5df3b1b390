import { describe, expect, test } from '@jest/globals'
import { compileGlob, type GlobDialect } from '../../src/forge/glob.ts'

describe('compileGlob', () => {
  test.each<[GlobDialect, string, string, boolean]>([
    // GitHub's documentation, "Using fnmatch syntax".
    ['fnmatch', 'qa/*', 'qa/foo', true],
    ['fnmatch', 'qa/*', 'qa/foo/bar', false],
    ['fnmatch', 'qa/**/*', 'qa/foo/bar/foobar/hello-world', true],
    ['fnmatch', 'qa/**/*', 'qa/foo', true],
    ['fnmatch', 'qa/**/*', 'qa', false],
    ['fnmatch', 'qa**/**/*', 'qa-1/foo/bar', true],
    ['fnmatch', '**/*', 'a', true],
    ['fnmatch', '**/*', 'a/b/c', true],
    ['fnmatch', '**/main', 'a/main', true],
    ['fnmatch', '**/main', 'domain', false],
    ['fnmatch', 'qa/**', 'qa/a', true],
    ['fnmatch', 'qa/**', 'qa/a/b', false],
    ['fnmatch', '*release*', 'a-release-b', true],
    ['fnmatch', 'v[0-9]', 'v7', true],
    ['fnmatch', 'v[0-9]', 'vx', false],
    ['fnmatch', 'v[!0-9]', 'vx', true],
    ['fnmatch', 'v?', 'v1', true],
    ['fnmatch', 'v?1', 'v/1', false],
    ['fnmatch', 'a{b,c}', 'ab', false],
    ['fnmatch', 'Main', 'main', false],
    // Gitea's models/git/protected_branch_test.go and gobwas/glob's rules.
    ['gobwas', 'release/*', 'release/1', true],
    ['gobwas', 'release/*', 'release/1/2', false],
    ['gobwas', 'release/**', 'release/1/2', true],
    ['gobwas', '**', 'a/b', true],
    ['gobwas', '{main,release/*}', 'release/1', true],
    ['gobwas', '{main,release/*}', 'main', true],
    ['gobwas', '{a,{b,c}d}', 'cd', true],
    ['gobwas', '{a,{b,c}d}', 'b', false],
    ['gobwas', 'v\\*', 'v*', true],
    ['gobwas', 'v\\*', 'vx', false],
    ['gobwas', '[!a-c]x', 'dx', true],
    ['gobwas', '[!a-c]x', 'bx', false],
    ['gobwas', 'é?', 'éß', true],
    ['gobwas', 'a,b', 'a,b', true],
    ['gobwas', '\\{a\\}', '{a}', true],
    ['gobwas', '{a,b}'.repeat(20), 'ab'.repeat(10), true],
    ['gobwas', '{a,b}'.repeat(20), 'ab'.repeat(9), false],
    // A set never stands for a slash, and a range from high to low for nothing.
    ['fnmatch', 'v[+-9]1', 'v.1', true],
    ['fnmatch', 'v[+-9]1', 'v/1', false],
    ['fnmatch', 'v[!a]1', 'v/1', false],
    ['fnmatch', 'v[z-a]', 'vz', false],
    ['fnmatch', 'v[!z-a]', 'vz', true],
    ['fnmatch', 'v[a-]', 'v-', true],
    ['fnmatch', '[!!]', '!', false],
    ['fnmatch', 'a]', 'a]', true],
    ['fnmatch', '**/**/x', 'a/x', true],
    ['fnmatch', '***/x', 'a/b/x', false],
    ['fnmatch', 'a.b|c(d)\\\\z^$', 'a.b|c(d)\\\\z^$', true],
    ['fnmatch', 'a.b', 'axb', false],
  ])('%s %s on %s: %s', async (dialect, pattern, name, expected) => expect((await compileGlob(pattern, dialect))?.(name)).toBe(expected))

  test.each<[GlobDialect, string]>([
    ['fnmatch', 'a[b'],
    ['fnmatch', 'a[]'],
    ['gobwas', '{a'],
    ['gobwas', 'a}'],
    ['gobwas', 'a\\'],
    ['gobwas', 'a}{b'],
    ['gobwas', '{['],
    ['fnmatch', 'a[!]'],
  ])('%s %s is not well formed', async (dialect, pattern) => expect(await compileGlob(pattern, dialect)).toBeNull())

  test.each<[GlobDialect, string]>([
    ['fnmatch', `${'**/*a'.repeat(200)}b`],
    ['gobwas', `${'{a,**}'.repeat(100)}b`],
  ])('%s %s is not slow', async (dialect, pattern) => {
    expect((await compileGlob(pattern, dialect))?.('a/'.repeat(120))).toBe(false)
  })
})
