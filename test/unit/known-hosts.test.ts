import { describe, expect, test } from '@jest/globals'
import { matchingEntries, parseKnownHostKeys } from '../../src/host-keys/known-hosts.ts'
import { nextAlgorithms, verifyHostKey, wantedAlgorithms } from '../../src/host-keys/verify.ts'
import { HOST_KEY_ALGORITHMS, keyType, md5Fingerprint, sha256Fingerprint } from '../../src/keys/public-key.ts'

// Published keys and fingerprints of GitHub and GitLab.
const GITHUB = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'
const GITHUB_SHA256 = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU'
const GITHUB_MD5 = 'MD5:65:96:2d:fc:e8:d5:a9:11:64:0c:0f:ea:00:6e:5b:bd'
const GITHUB_ECDSA =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg='
const GITLAB = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf'
// Made of a host that never was.
const HASHED = '|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg='

const string = (text: string): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, Buffer.from(text, 'latin1')])
}
const SECURITY_KEY_TYPE = 'sk-ssh-ed25519@openssh.com'
const SECURITY_KEY = `${SECURITY_KEY_TYPE} ${Buffer.concat([string(SECURITY_KEY_TYPE), string('x'.repeat(32)), string('ssh:')]).toString('base64')}`

const blobOf = (key: string): Buffer => Buffer.from(key.split(' ')[1] ?? '', 'base64')
const entriesOf = (text: string) => parseKnownHostKeys(text).entries

test('fingerprints are those that GitHub publishes', () => {
  expect(sha256Fingerprint(blobOf(GITHUB))).toBe(GITHUB_SHA256)
  expect(md5Fingerprint(blobOf(GITHUB))).toMatch(/^MD5:[0-9a-f]{2}(:[0-9a-f]{2}){15}$/)
  expect(md5Fingerprint(blobOf(GITHUB))).toBe(GITHUB_MD5)
  expect(keyType(blobOf(GITHUB_ECDSA))).toBe('ecdsa-sha2-nistp256')
  expect(keyType(Buffer.from('garbage'))).toBe('')
})

describe('parsing', () => {
  test.each([
    ['known_hosts line', `github.com ${GITHUB}`, { hosts: 'github.com', type: 'ssh-ed25519' }],
    ['with a comment', `github.com ${GITHUB} from ssh-keyscan`, { hosts: 'github.com' }],
    ['with blanks and CR', `  a,b\t${GITHUB}\r`, { hosts: 'a,b' }],
    ['revoked', `@revoked * ${GITHUB}`, { hosts: '*', revoked: true }],
    ['hashed', `${HASHED} ${GITHUB}`, { hosts: HASHED }],
    ['bare key', GITHUB, { hosts: null, type: 'ssh-ed25519' }],
    ['bare key with a comment', `${GITHUB_ECDSA} me@there`, { hosts: null, type: 'ecdsa-sha2-nistp256' }],
    ['revoked bare key', `@revoked ${GITHUB}`, { hosts: null, revoked: true }],
    ['a host named like a key type', `ssh-rsa ${GITHUB}`, { hosts: 'ssh-rsa', type: 'ssh-ed25519' }],
    ['security key', `host ${SECURITY_KEY}`, { hosts: 'host', type: SECURITY_KEY_TYPE }],
    ['SHA256', `${GITHUB_SHA256}=`, { kind: 'fingerprint', fingerprint: GITHUB_SHA256 }],
    ['MD5', GITHUB_MD5.toUpperCase(), { kind: 'fingerprint', fingerprint: GITHUB_MD5 }],
  ])('%s', (_name, text, expected) => {
    const { entries, problems } = parseKnownHostKeys(text)
    expect(problems).toEqual([])
    expect(entries).toEqual([expect.objectContaining({ line: 1, ...expected })])
  })

  test('comments and empty lines count as lines only', () => {
    const { entries, problems, warnings } = parseKnownHostKeys(
      `# github.com:22 SSH-2.0-babeld\r\n\r\ngithub.com ${GITHUB}\r\n\r\n${GITHUB_MD5}\n`,
    )
    expect(problems).toEqual([])
    expect(entries.map(entry => entry.line)).toEqual([3, 5])
    expect(warnings).toEqual([expect.stringMatching(/^line 5: MD5 .*SHA256/)])
  })

  const cut = GITHUB.slice(0, -8)
  test.each([
    ['@cert-authority', `@cert-authority * ${GITHUB}`, /^line 2: .*certificates/],
    ['unknown marker', `@trusted * ${GITHUB}`, /unknown marker; allowed: .*@revoked/],
    ['host alone', 'github.com', /allowed: known_hosts lines/],
    ['unknown type', 'github.com ssh-new AAAA', /allowed: known_hosts lines/],
    ['old protocol', 'github.com 1024 35 1234567890', /allowed: known_hosts lines/],
    ['key cut short', `github.com ${cut}`, /damaged/],
    [
      'key with a byte too much',
      `github.com ssh-ed25519 ${Buffer.concat([blobOf(GITHUB), Buffer.alloc(1)]).toString('base64')}`,
      /damaged/,
    ],
    ['not base64', 'github.com ssh-ed25519 !!!!', /damaged/],
    ['another type inside', `github.com ${GITHUB.replace('ssh-ed25519', 'ssh-rsa')}`, /not of the type before it \("ssh-rsa"\)/],
    ['hashed host cut short', `${HASHED.slice(0, -9)} ${GITHUB}`, /damaged hashed host/],
    ['SHA256 cut short', GITHUB_SHA256.slice(0, -1), /damaged fingerprint; allowed: "SHA256:"/],
    ['MD5 cut short', GITHUB_MD5.slice(0, -3), /damaged fingerprint/],
  ])('problem: %s', (_name, text, expected) => {
    const { entries, problems } = parseKnownHostKeys(`gitlab.com ${GITLAB}\n${text}`)
    expect(entries).toHaveLength(1)
    expect(problems).toEqual([expect.stringMatching(/^line 2: /)])
    expect(problems[0]).toMatch(expected)
  })

  test('a private key is one problem, and none of it is shown', () => {
    const { entries, problems } = parseKnownHostKeys(
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----',
    )
    expect(entries).toEqual([])
    expect(problems).toEqual([expect.stringMatching(/private key/)])
    expect(problems.join()).not.toMatch(/b3Blb|BEGIN/)
  })
})

describe('matching', () => {
  const lines = (text: string, host: string, port: number) => matchingEntries(entriesOf(text), host, port).map(entry => entry.line)

  test.each([
    ['a port of its own first', `host ${GITHUB}\n[host]:2222 ${GITLAB}`, 2222, [2]],
    ['the plain name where no port is named', `host ${GITHUB}`, 2222, [1]],
    ['no other port', `[host]:2223 ${GITHUB}`, 2222, []],
    ['no port for 22', `[host]:2222 ${GITHUB}`, 22, []],
    ['a revoked key under the plain name, too', `@revoked host ${GITHUB}\n[host]:2222 ${GITLAB}`, 2222, [1, 2]],
    ['the plain name where only a revoked key has the port', `host ${GITHUB}\n@revoked [host]:2222 ${GITLAB}`, 2222, [1, 2]],
    ['bare keys and fingerprints always', `${GITHUB}\n${GITHUB_SHA256}\n[host]:2222 ${GITLAB}\nhost ${GITLAB}`, 2222, [1, 2, 3]],
  ])('%s', (_name, text, port, expected) => {
    expect(lines(text, 'HOST', port)).toEqual(expected)
  })
})

describe('verdicts', () => {
  const query = (text: string, offered: string) => ({ entries: entriesOf(text), host: 'github.com', port: 22, offered: blobOf(offered) })

  test.each([
    ['nothing known', '', 'unknown'],
    ['only other hosts known', `gitlab.com ${GITHUB}`, 'unknown'],
    ['the very key', `github.com ${GITHUB}`, 'trusted'],
    ['a bare key', GITHUB, 'trusted'],
    ['a SHA256 fingerprint', GITHUB_SHA256, 'trusted'],
    ['an MD5 fingerprint', GITHUB_MD5, 'trusted'],
    ['any one of several', `github.com ${GITLAB}\ngithub.com ${GITHUB}`, 'trusted'],
    ['another key of the type', `github.com ${GITLAB}`, 'changed'],
    ['another fingerprint', sha256Fingerprint(blobOf(GITLAB)), 'changed'],
    ['a key of another type', `github.com ${GITHUB_ECDSA}`, 'other-type'],
    ['revoked', `@revoked github.com ${GITHUB}`, 'revoked'],
    ['revoked and known', `github.com ${GITHUB}\n@revoked * ${GITHUB}`, 'revoked'],
    ['another key revoked', `@revoked github.com ${GITLAB}\ngithub.com ${GITHUB}`, 'trusted'],
    ['only another key revoked', `@revoked github.com ${GITLAB}`, 'unknown'],
  ])('%s: %s', (_name, text, expected) => {
    expect(verifyHostKey(query(text, GITHUB))).toBe(expected)
  })
})

describe('algorithms to ask for', () => {
  const query = (text: string) => ({ entries: entriesOf(text), host: 'github.com', port: 22 })

  test.each([
    ['nothing known', '', HOST_KEY_ALGORITHMS],
    ['only revoked known', `@revoked * ${GITHUB}`, HOST_KEY_ALGORITHMS],
    ['one key', `github.com ${GITHUB}\ngitlab.com ${GITHUB_ECDSA}`, ['ssh-ed25519']],
    ['two keys', `github.com ${GITHUB_ECDSA}\ngithub.com ${GITHUB}`, ['ssh-ed25519', 'ecdsa-sha2-nistp256']],
    ['a security key', `github.com ${SECURITY_KEY}`, []],
  ])('%s', (_name, text, expected) => {
    expect(wantedAlgorithms(query(text))).toEqual(expected)
  })

  test('a fingerprint may be of any type: known types first', () => {
    const wanted = wantedAlgorithms(query(`github.com ${GITHUB_ECDSA}\n${GITHUB_SHA256}`))
    expect(wanted[0]).toBe('ecdsa-sha2-nistp256')
    expect([...wanted].sort()).toEqual([...HOST_KEY_ALGORITHMS].sort())
  })

  test('after a refused key: other types for a fingerprint, none for a known_hosts line, none after a revoked key', () => {
    const changed = { verdict: 'changed', offered: blobOf(GITHUB) } as const
    expect(nextAlgorithms(query(GITHUB_SHA256), ['ssh-ed25519'], [changed])).toEqual(HOST_KEY_ALGORITHMS.slice(1))
    expect(nextAlgorithms(query(`github.com ${GITLAB}\ngithub.com ${GITHUB_ECDSA}`), ['ssh-ed25519'], [changed])).toEqual([])
    expect(nextAlgorithms(query(GITHUB_SHA256), ['ssh-ed25519'], [{ ...changed, verdict: 'revoked' }])).toEqual([])
    expect(nextAlgorithms(query(GITHUB_SHA256), HOST_KEY_ALGORITHMS, [changed])).toEqual([])
  })

  test('after no type in common: all others, once', () => {
    expect(nextAlgorithms(query(`github.com ${GITHUB}`), ['ssh-ed25519'], [])).toEqual(HOST_KEY_ALGORITHMS.slice(1))
    expect(nextAlgorithms(query(`github.com ${GITHUB}`), HOST_KEY_ALGORITHMS, [])).toEqual([])
  })
})
