import { describe, expect, test } from '@jest/globals'
import { baseId, readBase } from '../../src/plan/base.ts'
import { sealedBase, sealKey, sealOf } from '../../src/plan/seal.ts'
import { baseName, parseBackupName, parseBaseName } from '../../src/refs/mirroring-ref.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import { parseRemoteUrl } from '../../src/remote/url.ts'
import { oid } from '../support/reports.ts'

function idOf(text: string): string {
  const url = parseRemoteUrl(text, { allowInsecureHttp: true })
  if ('problem' in url) throw new Error(url.problem)
  return baseId({ url, username: url.user ?? 'git' })
}

describe('the id of a mirror', () => {
  test.each([
    ['the user and the password play no part', 'https://me:secret@h.example/a/b.git', 'https://h.example/a/b.git'],
    ['the case of the host plays no part', 'https://H.example/a/b.git', 'https://h.example/a/b.git'],
    ['nor does the user of an ssh URL with a whole path', 'ssh://me@h.example/a/b.git', 'ssh://h.example/a/b.git'],
  ])('%s', (_, one, other) => expect(idOf(one)).toBe(idOf(other)))

  // Two repositories that are taken for one would have each other's deletions.
  test('everything else tells mirrors apart', () => {
    const urls = [
      // These begin in the home of whoever logs in.
      ...['alice@h.example:b.git', 'bob@h.example:b.git', 'ssh://alice@h.example/~/b.git', 'ssh://bob@h.example/~/b.git'],
      ...['https://h.example/a/b.git', 'http://h.example/a/b.git', 'https://h.example:8443/a/b.git', 'https://h.example/a/B.git'],
      ...['https://i.example/a/b.git', 'ssh://h.example/a/b.git', 'ssh://h.example:2222/a/b.git', '/a/b.git'],
    ]
    const ids = urls.map(idOf)
    expect(new Set(ids).size).toBe(urls.length)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/)
  })
})

describe('the seal of a base', () => {
  const [ref, tip] = ['refs/heads/main' as RefName, oid('a')]
  const token = `ghp_${'x1'.repeat(18)}`
  const sealer = { id: 'here-there', key: sealKey(token) }
  const sealBy = (name: RefName, of: Oid, by = sealer) => new Map([[sealOf(name, of, by), of]])

  test('it is of this ref, tip, mirror and secret', () => {
    const stored = new Map([[ref, tip]])
    expect(sealedBase(stored, sealBy(ref, tip), sealer)).toEqual(stored)
    const others = [
      sealBy('refs/heads/maim' as RefName, tip),
      sealBy('refs/tags/main' as RefName, tip),
      sealBy(ref, oid('b')),
      new Map([[sealOf(ref, tip, sealer), oid('b')]]),
      sealBy(ref, tip, { ...sealer, id: 'here-elsewhere' }),
      sealBy(ref, tip, { ...sealer, id: 'elsewhere-there' }),
      sealBy(ref, tip, { ...sealer, key: sealKey(`${token}y`) }),
      sealBy(ref, tip, { ...sealer, key: '' }),
      new Map(),
    ]
    for (const seals of others) expect(sealedBase(stored, seals, sealer)).toEqual(new Map())
  })

  const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n'
  test.each([
    ['a private key', key],
    ['a token of GitHub', token],
    ['a token of GitLab', `glpat-${'a'.repeat(20)}`],
    ['a token of Forgejo', '0a'.repeat(20)],
  ])('%s is a key', (_, secret) => {
    expect(sealKey(secret)).not.toBe('')
    expect(sealKey(`${secret}\r\n`)).toBe(sealKey(secret))
  })

  // Readers could try out passwords, and with the token of one job no base would be known in the next.
  test.each([
    ['no secret', null],
    ['a password', 'correct horse battery staple'],
    ['a password like a token', 'ghp_password'],
    ['a token of an app', `ghs_${'x1'.repeat(18)}`],
    ['a token of a user for some hours', `ghu_${'x1'.repeat(18)}`],
    ['a token of a job', `glcbt-64_${'a'.repeat(20)}`],
  ])('%s is none', (_, secret) => expect(sealKey(secret)).toBe(''))
})

describe('the names of bases', () => {
  const id = idOf('https://h.example/a/b.git')
  test.each(['refs/heads/main', 'refs/heads/a/b', 'refs/tags/v1', 'refs/heads/ü'] as RefName[])('%s, there and back', ref => {
    expect(parseBaseName(baseName(ref, id), id)).toBe(ref)
    expect(parseBackupName(baseName(ref, id))).toBeNull()
  })

  test('what is not one of this mirror is passed over', () => {
    const own = new Map<RefName, Oid>(
      [
        'refs/mirroring/base/0123456789abcdef/heads/a',
        `refs/mirroring/base/${id}/notes/a`,
        `refs/mirroring/base/${id}/heads/`,
        baseName('refs/heads/b' as RefName, id),
      ].map(name => [name as RefName, oid('a')]),
    )
    expect([...readBase(own, id, [])]).toEqual([['refs/heads/b', oid('a')]])
  })
})
