import { describe, expect, test } from '@jest/globals'
import { hostName, parseKnownHostKeys } from '../../src/host-keys/known-hosts.ts'
import published from '../../src/host-keys/published-keys.json' with { type: 'json' }
import { verifyHostKey } from '../../src/host-keys/verify.ts'
import { providerOf, publishedEntries, revokedEntries, trustedEntries } from '../../src/host-keys/well-known.ts'
import { parseKeyBlob, sha256Fingerprint } from '../../src/keys/public-key.ts'

const ALL = [
  ...published.hosts.flatMap(({ hosts, keys, docs }) => keys.map(key => ({ of: hosts[0] ?? '', key, docs }))),
  ...published.revoked.map(({ provider, key, docs }) => ({ of: `${provider}, revoked`, key, docs })),
].map(({ of, key, docs }) => [of, key.type, key, docs] as const)

describe('each key', () => {
  test.each(ALL)('%s %s is whole, has the published fingerprint, two sources and a page', (_of, type, key, docs) => {
    const blob = parseKeyBlob(type, key.base64)
    expect(blob).not.toBeNull()
    expect(sha256Fingerprint(blob ?? Buffer.alloc(0))).toBe(key.fingerprint)
    expect(new Set(key.sources).size).toBeGreaterThanOrEqual(2)
    expect(key.sources.filter(name => !Object.hasOwn(published.sources, name))).toEqual([])
    expect(docs).toMatch(/^https:\/\/\S+$/)
  })

  test('there are many, compared on a day that has been, and none is both published and revoked', () => {
    expect(ALL.length).toBeGreaterThan(40)
    expect(new Date(published.comparedOn).toISOString().slice(0, 10)).toBe(published.comparedOn)
    const revoked = published.revoked.map(({ key }) => key.base64)
    expect(ALL.filter(([of, , key]) => !of.endsWith('revoked') && revoked.includes(key.base64))).toEqual([])
  })

  test('no host has two providers, and each line could stand in known_hosts', () => {
    const hosts = published.hosts.flatMap(host => host.hosts)
    expect(new Set(hosts).size).toBe(hosts.length)
    const text = publishedEntries()
      .map(({ hosts: names, type, blob }) => `${names} ${type} ${blob.toString('base64')}`)
      .join('\n')
    const { entries, problems } = parseKnownHostKeys(text)
    expect(problems).toEqual([])
    expect(entries.map(entry => entry.kind === 'key' && entry.blob)).toEqual(publishedEntries().map(({ blob }) => blob))
  })
})

const blobOf = (host: string, type: string): Buffer => {
  const key = published.hosts.find(({ hosts }) => hosts.includes(host))?.keys.find(one => one.type === type)
  return Buffer.from(key?.base64 ?? '', 'base64')
}
const GITHUB = blobOf('github.com', 'ssh-ed25519')
const GITLAB = blobOf('gitlab.com', 'ssh-ed25519')
const OLD_GITHUB = revokedEntries()[0]?.blob ?? Buffer.alloc(0)
const line = (host: string, blob: Buffer): string =>
  `${host} ${blob.subarray(4, 4 + blob.readUInt32BE()).toString()} ${blob.toString('base64')}`

describe('what a host is known by', () => {
  test.each<[string, string, string, number, Buffer, string]>([
    ['nothing given', '', 'github.com', 22, GITHUB, 'trusted'],
    ['only comments given', '# mine\n\n', 'GitHub.com', 22, GITHUB, 'trusted'],
    ['nothing given, another name', '', 'ssh.github.com', 443, GITHUB, 'trusted'],
    ['nothing given, the key of another provider', '', 'github.com', 22, GITLAB, 'changed'],
    ['nothing given, a host that is not well known', '', 'example.com', 22, GITHUB, 'unknown'],
    ['nothing given, a name that only begins like one', '', 'github.com.example.com', 22, GITHUB, 'unknown'],
    ['a key for another host given: it replaces all', line('example.com', GITLAB), 'github.com', 22, GITHUB, 'unknown'],
    ['another key given', line('github.com', GITLAB), 'github.com', 22, GITHUB, 'changed'],
    ['the same key given', line('github.com', GITHUB), 'github.com', 22, GITHUB, 'trusted'],
    ['a withdrawn key, nothing given', '', 'github.com', 22, OLD_GITHUB, 'revoked'],
    ['a withdrawn key, though it is given', line('github.com', OLD_GITHUB), 'github.com', 22, OLD_GITHUB, 'revoked'],
    ['a withdrawn key, though its fingerprint is given', sha256Fingerprint(OLD_GITHUB), 'github.com', 22, OLD_GITHUB, 'revoked'],
    ['a withdrawn key at another host', line('git.example.com', OLD_GITHUB), 'git.example.com', 2222, OLD_GITHUB, 'revoked'],
  ])('%s', (_, given, host, port, offered, verdict) => {
    const entries = trustedEntries(parseKnownHostKeys(given).entries)
    expect(verifyHostKey({ entries, host, port, offered })).toBe(verdict)
  })

  test('the keys of GitHub and Bitbucket that were withdrawn in 2023', () => {
    expect(revokedEntries().map(({ blob, published }) => [published?.provider, sha256Fingerprint(blob)])).toEqual([
      ['GitHub', 'SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8'],
      ['Bitbucket Cloud', 'SHA256:zzXQOXSRBEiUtuE8AikJYKwbHaxvSc0ojez9YXaGp1A'],
    ])
  })
})

test.each([
  ['github.com', 22, 'GitHub'],
  ['GITHUB.com', 22, 'GitHub'],
  ['ssh.github.com', 443, 'GitHub'],
  ['altssh.gitlab.com', 443, 'GitLab.com'],
  ['git-codecommit.eu-west-1.amazonaws.com', 22, 'AWS CodeCommit'],
  ['codeberg.org', 22, 'Codeberg'],
  ['example.com', 22, undefined],
  ['githubXcom', 22, undefined],
])('%s port %i is of %s', (host, port, provider) => {
  expect(providerOf(host, port)?.provider).toBe(provider)
  expect(hostName(host, port)).toBe(port === 22 ? host.toLowerCase() : `[${host}]:${port}`)
})
