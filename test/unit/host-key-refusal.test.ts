// What a user reads when a host key is refused.
import { describe, expect, test } from '@jest/globals'
import { parseKnownHostKeys } from '../../src/host-keys/known-hosts.ts'
import published from '../../src/host-keys/published-keys.json' with { type: 'json' }
import { hostKeyFailure } from '../../src/host-keys/refusal.ts'
import { verifyHostKey } from '../../src/host-keys/verify.ts'
import { trustedEntries } from '../../src/host-keys/well-known.ts'
import { md5Fingerprint, sha256Fingerprint } from '../../src/keys/public-key.ts'

const keyOf = (host: string, type: string): string => {
  const key = published.hosts.find(({ hosts }) => hosts.includes(host))?.keys.find(one => one.type === type)
  return `${type} ${key?.base64}`
}
const GITHUB = keyOf('github.com', 'ssh-ed25519')
const GITHUB_RSA = keyOf('github.com', 'ssh-rsa')
const GITLAB = keyOf('gitlab.com', 'ssh-ed25519')
const OLD_GITHUB = `ssh-rsa ${published.revoked[0]?.key.base64}`
const blobOf = (key: string): Buffer => Buffer.from(key.split(' ')[1] ?? '', 'base64')
const sha256 = (key: string): string => sha256Fingerprint(blobOf(key))
const GITHUB_DOCS = 'https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/githubs-ssh-key-fingerprints'

function refuse(given: string, [host, port]: readonly [string, number], offered: string) {
  const query = { entries: trustedEntries(parseKnownHostKeys(given).entries), host, port }
  const verdict = verifyHostKey({ ...query, offered: blobOf(offered) })
  if (verdict === 'trusted') throw new Error('trusted')
  return hostKeyFailure(query, [{ verdict, offered: blobOf(offered) }])
}

const OWN = ['Git.example.com', 2222] as const
const HUB = ['github.com', 22] as const

describe('a refused host key', () => {
  test.each<[string, string, readonly [string, number], string, string, string, string]>([
    [
      'unknown',
      '',
      OWN,
      GITHUB,
      'host-key-unknown',
      `the host key of "[git.example.com]:2222" is not known: it offers ssh-ed25519 ${sha256(GITHUB)}`,
      `compare the fingerprint with one that the server's owner gives you over another channel; if they are equal, add this line to \`known-host-keys\`:\n[git.example.com]:2222 ${GITHUB}`,
    ],
    [
      'published, but other keys are given',
      `example.com ${GITLAB}`,
      HUB,
      GITHUB,
      'host-key-unknown',
      `the host key of "github.com" is not known: it offers ssh-ed25519 ${sha256(GITHUB)}`,
      `it is the key that GitHub publishes (${GITHUB_DOCS}), but \`known-host-keys\` is given and does not have it: add this line, or leave the input empty:\ngithub.com ${GITHUB}`,
    ],
    [
      'changed, by a given line',
      `# mine\ngit.example.com ${GITLAB}`,
      OWN,
      GITHUB,
      'host-key-changed',
      `the host key of "[git.example.com]:2222" is not the known one: it offers ssh-ed25519 ${sha256(GITHUB)}, and not ssh-ed25519 ${sha256(GITLAB)} (line 2)`,
      `ask whether the server's key was replaced, and compare the fingerprint with one that the server's owner gives you over another channel. If it was not, or they differ, do not connect: someone may be intercepting the connection. Otherwise replace line 2 of \`known-host-keys\` with this line:\n[git.example.com]:2222 ${GITHUB}`,
    ],
    [
      'changed, by a given fingerprint',
      sha256(GITLAB),
      OWN,
      GITHUB,
      'host-key-changed',
      `the host key of "[git.example.com]:2222" is not the known one: it offers ssh-ed25519 ${sha256(GITHUB)}, and not ${sha256(GITLAB)} (line 1)`,
      `ask whether the server's key was replaced, and compare the fingerprint with one that the server's owner gives you over another channel. If it was not, or they differ, do not connect: someone may be intercepting the connection. Otherwise replace line 1 of \`known-host-keys\` with this line:\n[git.example.com]:2222 ${GITHUB}`,
    ],
    [
      'not the published one',
      '',
      HUB,
      GITLAB,
      'host-key-changed',
      `the host key of "github.com" is not the known one: it offers ssh-ed25519 ${sha256(GITLAB)}, and not ssh-ed25519 ${sha256(GITHUB)} (published by GitHub)`,
      `ask whether the server's key was replaced, and compare the fingerprint with those that GitHub publishes at ${GITHUB_DOCS}. If it was not, or they differ, do not connect: someone may be intercepting the connection. Otherwise add this line to \`known-host-keys\`:\ngithub.com ${GITLAB}`,
    ],
    [
      'revoked by a given line',
      `@revoked * ${GITHUB}`,
      OWN,
      GITHUB,
      'host-key-revoked',
      `the host key of "[git.example.com]:2222" is revoked: it offers ssh-ed25519 ${sha256(GITHUB)}, which line 1 of the known host keys revokes`,
      'do not connect: a server that shows this key may be an impostor; ask its owner for the present key',
    ],
    [
      'withdrawn, though it is given',
      `github.com ${OLD_GITHUB}`,
      HUB,
      OLD_GITHUB,
      'host-key-revoked',
      `the host key of "github.com" is revoked: it offers ssh-rsa SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8, a key of GitHub that was replaced on 2023-03-24, because its private half had been published by mistake`,
      'do not connect: a server that shows this key may be an impostor; ask its owner for the present key, see https://github.blog/news-insights/company-news/we-updated-our-rsa-ssh-host-key/',
    ],
    [
      'only an untrusted type',
      `[git.example.com]:2222 ${GITHUB}`,
      OWN,
      GITHUB_RSA,
      'host-key-algorithm',
      `"[git.example.com]:2222" has no host key of a known type: it offers ssh-rsa ${sha256(GITHUB_RSA)}, known is only ssh-ed25519 ${sha256(GITHUB)} (line 1)`,
      `compare the fingerprint with one that the server's owner gives you over another channel; if they are equal, add this line to \`known-host-keys\`:\n[git.example.com]:2222 ${GITHUB_RSA}`,
    ],
  ])('%s', (_, given, server, offered, kind, message, hint) => {
    const failure = refuse(given, server, offered)
    expect({ kind: failure.kind, message: failure.message, hint: failure.hint }).toEqual({ kind, message, hint })
  })

  test('the detail has type, SHA256 and MD5 of what is offered and expected, and the page of the provider', () => {
    const { detail } = refuse('', HUB, GITLAB)
    expect(detail?.split('\n')).toEqual([
      'offered:',
      `  ssh-ed25519 ${sha256(GITLAB)} ${md5Fingerprint(blobOf(GITLAB))}`,
      'expected:',
      ...[GITHUB, keyOf('github.com', 'ecdsa-sha2-nistp256'), GITHUB_RSA].map(
        key => `  ${key.split(' ')[0]} ${sha256(key)} ${md5Fingerprint(blobOf(key))} (published by GitHub)`,
      ),
      `GitHub publishes its fingerprints at ${GITHUB_DOCS}`,
      'to trust the offered key, as a line of `known-host-keys`:',
      `github.com ${GITLAB}`,
    ])
  })

  test('no key at all that can be checked', () => {
    const failure = hostKeyFailure({ entries: [], host: 'h', port: 22 }, [])
    expect(failure).toMatchObject({ kind: 'host-key-algorithm', message: '"h" has no host key of a type that can be checked here' })
    expect(failure.detail).toMatch(/^offered:\n {2}none of ssh-ed25519, /)
  })

  test('of several keys each has its line', () => {
    const entries = parseKnownHostKeys(sha256(GITLAB)).entries
    const refusals = [GITHUB, GITHUB_RSA].map(key => ({ verdict: 'changed', offered: blobOf(key) }) as const)
    const { hint } = hostKeyFailure({ entries, host: 'h', port: 22 }, refusals)
    expect(hint).toContain('replace line 1 of `known-host-keys` with the line of the right key')
    expect(hint.split('\n').slice(1)).toEqual([`h ${GITHUB}`, `h ${GITHUB_RSA}`])
  })
})
