import { describe, expect, test } from '@jest/globals'
import { linesByRef, parsePush, remoteLines, withoutEnds } from '../../src/git/porcelain.ts'
import { parseLsRemote as parseWith } from '../../src/git/remote.ts'
import { checkGitVersion } from '../../src/git/version.ts'
import { isRefName } from '../../src/refs/ref.ts'
import { oid } from '../support/sample.ts'

const parseLsRemote = (output: Buffer) => parseWith(output, { symbolicIsWhole: true })
const lines = (...all: string[]) => Buffer.from(all.map(line => `${line}\n`).join(''))

describe('parseLsRemote', () => {
  test('branches, tags with what they point to, HEAD', () => {
    const side = parseLsRemote(
      lines(
        'ref: refs/heads/main\tHEAD',
        `${oid('a')}\tHEAD`,
        `${oid('a')}\trefs/heads/main`,
        `${oid('b')}\trefs/tags/v1`,
        `${oid('c')}\trefs/tags/v1^{}`,
        `${oid('d')}\trefs/pull/1/head`,
        `${oid('d')}\trefs/notes/commits`,
      ),
    )
    expect([...side.refs]).toEqual([
      ['refs/heads/main', oid('a')],
      ['refs/tags/v1', oid('b')],
    ])
    expect([...side.peeled]).toEqual([['refs/tags/v1', oid('c')]])
    expect(side).toMatchObject({ head: 'refs/heads/main', objectFormat: 'sha1', unusable: [] })
  })

  test('symbolic refs are no refs, and have the tips of their targets', () => {
    const side = parseLsRemote(
      lines('ref: refs/heads/main\trefs/heads/alias', `${oid('a')}\trefs/heads/alias`, `${oid('a')}\trefs/heads/main`),
    )
    expect([...side.refs.keys()]).toEqual(['refs/heads/main'])
    expect([...side.symbolic]).toEqual([['refs/heads/alias', { target: 'refs/heads/main', tip: oid('a') }]])
    const backup = 'refs/mirroring/backup/20261125T050138Z/heads/main'
    const aliased = parseLsRemote(lines(`ref: refs/heads/main\t${backup}`, `${oid('a')}\t${backup}`, `${oid('a')}\t${backup}-2`))
    expect([...aliased.mirroringRefs.keys()]).toEqual([`${backup}-2`])
  })

  test('detached HEAD names no branch; 64 digits are SHA-256; nothing at all is an empty repository', () => {
    expect(parseLsRemote(lines(`${oid('a')}\tHEAD`, `${oid('a')}\trefs/heads/x`)).head).toBeNull()
    expect(parseLsRemote(lines(`${'a'.repeat(64)}\trefs/heads/x`)).objectFormat).toBe('sha256')
    expect(parseLsRemote(Buffer.alloc(0))).toMatchObject({ head: null, objectFormat: null })
  })

  test('names that cannot be passed on are told, and not refs', () => {
    const latin1 = Buffer.concat([Buffer.from(`${oid('a')}\trefs/heads/caf`), Buffer.from([0xe9, 0x0a])])
    const side = parseLsRemote(
      Buffer.concat([latin1, lines(`${oid('a')}\trefs/heads/grün`, `${oid('b')}\trefs/heads/a..b`, `${oid('c')}\trefs/heads/HEAD`)]),
    )
    expect([...side.refs.keys()]).toEqual(['refs/heads/grün'])
    expect(side.unusable).toEqual([
      { name: 'refs/heads/caf\ufffd', bytes: 'refs/heads/caf\u00e9', tip: oid('a'), reason: 'its name is not valid UTF-8' },
      { name: 'refs/heads/a..b', bytes: 'refs/heads/a..b', tip: oid('b'), reason: 'its name is not one that git accepts' },
      { name: 'refs/heads/HEAD', bytes: 'refs/heads/HEAD', tip: oid('c'), reason: 'git confuses a branch called HEAD with the real HEAD' },
    ])
  })

  test.each([
    ['half a line', Buffer.from(`${oid('a')}\trefs/heads/ma`)],
    ['no tab', lines('hello')],
    ['no oid', lines('xyz\trefs/heads/main')],
    ['upper case', lines(`${'A'.repeat(40)}\trefs/heads/main`)],
  ])('%s is an error, not an empty side', (_, output) => expect(() => parseLsRemote(output)).toThrow())
})

describe('isRefName', () => {
  test.each(['refs/heads/main', 'refs/heads/a/b', 'refs/tags/v1.0', 'refs/heads/-x', 'refs/heads/@', 'refs/heads/ü', 'refs/heads/HEAD'])(
    '%s',
    name => expect(isRefName(name)).toBe(true),
  )
  test.each([
    'refs/heads/',
    'refs/pull/1/head',
    'HEAD',
    'refs/heads/a b',
    'refs/heads/a..b',
    'refs/heads/.a',
    'refs/heads/a/.b',
    'refs/heads/a.lock',
    'refs/heads/a.lock/b',
    'refs/heads/a.',
    'refs/heads/a//b',
    'refs/heads/a/',
    'refs/heads/a@{1}',
    'refs/heads/a\\b',
    'refs/heads/a~1',
    'refs/heads/a^{}',
    'refs/heads/a:b',
    'refs/heads/a?',
    'refs/heads/a*',
    'refs/heads/a[',
    'refs/heads/a\u0007',
    'refs/heads/a\nb',
  ])('not %j', name => expect(isRefName(name)).toBe(false))
})

describe('parsePush', () => {
  test('each kind of line', () => {
    const output = [
      'To ssh://git@example.com/x.git',
      ` \t${oid('a')}:refs/heads/ff\t1111111..2222222`,
      `+\t${oid('a')}:refs/heads/forced\t1111111...2222222 (forced update)`,
      `*\t${oid('a')}:refs/heads/new\t[new branch]`,
      '-\t:refs/heads/gone\t[deleted]',
      `=\t${oid('a')}:refs/heads/same\t[up to date]`,
      `!\t${oid('a')}:refs/heads/lease\t[rejected] (stale info)`,
      `!\t${oid('a')}:refs/heads/hook\t[remote rejected] (pre-receive hook declined)`,
      `!\t${oid('a')}:refs/heads/paren\t[remote rejected] (no (really) no)`,
      `!\t${oid('a')}:refs/heads/silent\t[remote failure] (remote failed to report status)`,
      `!\t${oid('a')}:refs/heads/atomic\t[rejected] (atomic push failed)`,
      '!\t:refs/heads/stays\t[rejected] (remote does not support deleting refs)',
      `!\t${oid('a')}:refs/heads/shallow\t[rejected] (new shallow roots not allowed)`,
      // A server's words are no words of git.
      `!\t${oid('a')}:refs/heads/says-so\t[remote rejected] (stale info)`,
      'Done',
      'Everything up-to-date',
    ].join('\n')
    expect(
      parsePush(output).map(({ ref, ...answer }) => ({ [ref.slice(11)]: 'reason' in answer ? answer.reason : `(${answer.result})` })),
    ).toEqual([
      { ff: '(landed)' },
      { forced: '(landed)' },
      { new: '(landed)' },
      { gone: '(landed)' },
      { same: '(up-to-date)' },
      { lease: '(lease-lost)' },
      { hook: 'pre-receive hook declined' },
      { paren: 'no (really) no' },
      { silent: '(unreported)' },
      { atomic: '(held-back)' },
      { stays: '(no-deletions)' },
      { shallow: 'new shallow roots not allowed' },
      { 'says-so': 'stale info' },
    ])
  })

  test('what a failed push prints besides says nothing', () => expect(parsePush('Done\nEverything up-to-date\n')).toEqual([]))

  test("the server's own lines", () => {
    expect(remoteLines('Pushing\nremote: no entry   \rremote: \nremote: second\nerror: x\n')).toEqual(['no entry', 'second'])
  })
})

describe('linesByRef', () => {
  const lines = [
    'hello',
    'a is bad',
    'error: hook declined to update refs/heads/a',
    'b is bad',
    'error: hook declined to update refs/heads/b',
    'error: GH006 for refs/heads/c.',
  ]
  test.each([
    ['refs/heads/a', ['hello', 'a is bad']],
    ['refs/heads/b', ['b is bad']],
    ['refs/heads/c', ['error: GH006 for refs/heads/c.']],
    ['refs/heads/d', []],
  ])('%s', (ref, words) => expect(linesByRef(new Set([ref]), lines)(ref)).toEqual(words))

  test('refs of a list', () => {
    const list = 'no: refs/heads/a,refs/heads/b, and refs/heads/c'
    const refs = ['refs/heads/a', 'refs/heads/b', 'refs/heads/c']
    expect(refs.map(linesByRef(new Set(refs), [list]))).toEqual([[list], [list], [list]])
  })

  test('a longer name is another ref, and punctuation after a name is none of it', () => {
    const refs = new Set(['refs/heads/a', 'refs/heads/b', "refs/heads/c'"])
    const about = linesByRef(refs, [
      'no refs/heads/ab',
      "'refs/heads/a'), too",
      'refs/heads/b:refs/heads/b',
      "refs/heads/c'",
      'refs/heads/c',
    ])
    expect([...refs].map(about)).toEqual([["'refs/heads/a'), too"], ['refs/heads/b:refs/heads/b'], ["refs/heads/c'"]])
  })

  test('a name may have `refs/` within, and stand between colours', () => {
    const refs = ['refs/heads/prefs/dark', 'refs/heads/refs/heads/a', 'refs/heads/a']
    const lines = ['no refs/heads/prefs/dark.', '"refs/heads/refs/heads/a" and more', '\x1b[31mrefs/heads/a\x1b[0m is protected']
    expect(refs.map(linesByRef(new Set(refs), lines))).toEqual(lines.map(line => [line]))
  })

  test('without the lines in which git names the refs', () =>
    expect(withoutEnds(['why', 'error: hook declined to update refs/heads/x'])).toEqual(['why']))
})

describe('checkGitVersion', () => {
  test.each(['git version 2.32.0', 'git version 2.39.5 (Apple Git-154)', 'git version 2.47.1.windows.2', 'git version 3.0.0'])(
    '%s will do',
    text => expect(() => checkGitVersion(text)).not.toThrow(),
  )
  test.each(['git version 2.31.9', 'git version 1.99', 'hello'])('%s will not', text =>
    expect(() => checkGitVersion(text)).toThrow('git 2.32 or newer is needed'),
  )
})
