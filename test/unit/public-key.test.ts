import { beforeAll, describe, expect, test } from '@jest/globals'
import { publicKeyNotes } from '../../src/commands/public-key/public-key-answer.ts'
import { parsePublicKeyCommand } from '../../src/commands/public-key/public-key-command.ts'
import { showPublicKey } from '../../src/commands/public-key/show-public-key.ts'
import { Failure } from '../../src/errors/failure.ts'
import type { Side } from '../../src/remote/side.ts'
import { withKeyToRegister } from '../../src/run/hints.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { type MadeKey, makeKey, succeed } from '../support/private-keys.ts'
import { contextWith, ON_GITHUB, settingsFrom } from '../support/settings.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const directory = temporaryDirectory()
let key: MadeKey
let other: MadeKey
let rsa: MadeKey
let encrypted: MadeKey
let fingerprints: string[]
beforeAll(async () => {
  key = await makeKey(directory, 'ed25519', 'OpenSSH')
  other = await makeKey(directory, 'ecdsa-256', 'OpenSSH')
  rsa = await makeKey(directory, 'rsa', 'PKCS#8')
  encrypted = await makeKey(directory, 'ed25519', 'OpenSSH, encrypted')
  const told = await Promise.all(['sha256', 'md5'].map(hash => succeed('ssh-keygen', ['-l', '-E', hash, '-f', '-'], key.publicHalf)))
  fingerprints = told.map(line => line.split(' ')[1] ?? '')
}, 30_000)

const context = contextWith({ nameOf: input => `\`${input}\``, serverUrl: 'https://github.com' })
const show = (raw: RawInputs) => showPublicKey(raw, context)

function failureOf(work: () => unknown): Failure {
  try {
    work()
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('it did not fail')
}

describe('the public key', () => {
  test('with the page of the mirror, and the right that the key needs there', () => {
    const { text, outputs, summary, problem } = show({ 'auth-secret': key.text, 'remote-url': 'git@github.com:o/r.git' })
    expect(text).toBe(
      `${[
        key.publicHalf,
        '',
        `fingerprint: 256 ${fingerprints[0]}, ${fingerprints[1]}`,
        'for: git@github.com:o/r.git, the destination: the key needs write access',
        'where: https://github.com/o/r/settings/keys/new',
        'what to do: add it as a deploy key, with “Allow write access”',
      ].join('\n')}\n`,
    )
    expect(outputs).toEqual({ 'ssh-public-key': key.publicHalf })
    expect(summary).toContain(`\`\`\`text\n${key.publicHalf}\n\`\`\``)
    expect(summary).toContain('](https://github.com/o/r/settings/keys/new)')
    expect(problem).toBeNull()
  })

  test('without a repository, from base64 of the file', () => {
    const { text, outputs } = show({ 'auth-secret': Buffer.from(key.text).toString('base64') })
    expect(text).toContain(
      'what to do: register it at the server of the repository as a deploy key; give the URL of the repository to get the page',
    )
    expect(outputs['ssh-public-key']).toBe(key.publicHalf)
  })

  test('of both sides, where the source is read with a key of its own', () => {
    const raw = {
      'auth-secret': key.text,
      'remote-url': 'git@gitlab.com:o/r.git',
      token: other.text,
      'repository-url': 'git@github.com:o/r.git',
    }
    const { keys, outputs } = show(raw)
    expect(keys.map(({ line, access }) => [line, access])).toEqual([
      [key.publicHalf, 'write'],
      [other.publicHalf, 'read'],
    ])
    expect(keys.flatMap(publicKeyNotes)).toContain('for: git@github.com:o/r.git, the source: the key need only read')
    expect(outputs['ssh-public-key']).toBe(key.publicHalf)
  })

  test('the token of the run is no key', () => {
    expect(show({ 'auth-secret': key.text, token: 'ghs_0123456789' }).keys).toHaveLength(1)
  })

  test('for an https URL it says that the key is of no use there', () => {
    const { text } = show({ 'auth-secret': key.text, 'remote-url': 'https://u:pass-word@gitlab.com/o/r.git' })
    expect(text).toContain('the URL is not an ssh URL: the key works only with the ssh URL of the repository')
    expect(text).not.toContain('pass-word')
  })

  test('a runner that masks the lines of the secret would hide parts of it, and that is said', () => {
    expect(show({ 'auth-secret': rsa.text }).text).toContain('a runner hides parts of this public key')
    expect(show({ 'auth-secret': Buffer.from(rsa.text).toString('base64') }).text).not.toContain('a runner hides')
    expect(show({ 'auth-secret': key.text }).summary).not.toContain('a runner hides')
  })

  test('as JSON', () => {
    const [sha256, md5] = fingerprints
    expect(JSON.parse(show({ 'auth-secret': key.text, 'remote-url': 'ssh://git@codeberg.org/o/r' }).json)).toEqual({
      version: 1,
      keys: [
        {
          key: key.publicHalf,
          type: 'ssh-ed25519',
          bits: 256,
          ...{ sha256, md5 },
          url: 'ssh://git@codeberg.org/o/r',
          access: 'write',
          page: 'https://codeberg.org/o/r/settings/keys',
          advice: 'add it as a deploy key, with “Enable Write Access”',
        },
      ],
    })
  })

  test.each<[string, RawInputs, string, string]>([
    ['no key', {}, 'credentials-missing', '`auth-secret` is missing; give the private key whose public half is to be shown'],
    [
      'a password',
      { 'auth-secret': 'hunter22' },
      'secret-not-a-key',
      'the secret is not a private key: it has no line "-----BEGIN … PRIVATE KEY-----"',
    ],
    ['a bad URL as well', { 'remote-url': 'http//x:y://' }, 'settings-invalid', '2 problems:\n- `auth-secret` is missing'],
  ])('%s', (_, raw, kind, message) => {
    const failure = failureOf(() => show(raw))
    expect(failure.kind).toBe(kind)
    if (kind !== 'settings-invalid') expect(failure.message).toBe(message)
    else expect(failure.message).toMatch(/^2 problems:\n- /)
  })
})

test('the command line: the URL, files, secrets, and what is wrong', () => {
  const line = parsePublicKeyCommand(['git@h:p', '--auth-secret-file', 'k', '--json', '--sekret', 'more'])
  expect(line).toMatchObject({
    raw: { 'remote-url': 'git@h:p' },
    secrets: ['auth-secret', 'ssh-key-passphrase'],
    files: [{ input: 'auth-secret', path: 'k' }],
    switches: new Set(['json']),
    problems: ['unknown flag --sekret'],
  })
  // What was given for a secret is not repeated.
  for (const args of [['--auth-secret', 'hunter22'], ['--auth-secret=hunter22']]) {
    expect(parsePublicKeyCommand(args)).toMatchObject({
      raw: { 'remote-url': '' },
      problems: [
        '--auth-secret would show the secret to every process on this machine: use the variable REPOSITORY_MIRRORING_AUTH_SECRET, or --auth-secret-file',
      ],
    })
  }
})

test('a passphrase for a key that is not encrypted is a warning of the mirror, not an error', () => {
  const warnings = (raw: RawInputs) =>
    settingsFrom({ 'remote-url': 'git@gitlab.com:o/r.git', 'repository-url': '/r', ...raw }, ON_GITHUB).warnings
  const useless = '`ssh-key-passphrase` has no effect, because the private key is not encrypted'
  expect(warnings({ 'auth-secret': key.text, 'ssh-key-passphrase': 'x' })).toEqual([useless])
  expect(warnings({ 'auth-secret': key.text })).toEqual([])
  expect(warnings({ 'auth-secret': encrypted.text, 'ssh-key-passphrase': 'x' })).toEqual([])
})

describe('a refused key', () => {
  const settings = () =>
    settingsFrom(
      { 'remote-url': 'git@gitlab.com:o/r.git', 'auth-secret': key.text, token: other.text, 'repository-url': 'ssh://me@git.example/r' },
      { nameOf: context.nameOf },
    )
  const refused = (side: Side) =>
    new Failure('ssh-key-refused', '"git@h" refused the key', { side, detail: 'publickey', retryAfterMs: 5000 })

  test.each<[Side, () => string]>([
    [
      'there',
      () =>
        `register this public key at https://gitlab.com/o/r/-/settings/repository#js-deploy-keys-settings: add it as a deploy key, with “Grant write permissions to this key”\n${key.publicHalf}`,
    ],
    [
      'here',
      () =>
        `register this public key: add it to \`~/.ssh/authorized_keys\` of "me" at "git.example", or, where a forge runs there, as a deploy key which need not write\n${other.publicHalf}`,
    ],
  ])('%s is told what to register, and where', (side, hint) => {
    expect(withKeyToRegister(refused(side), settings())).toMatchObject({
      ...{ kind: 'ssh-key-refused', message: '"git@h" refused the key', side, detail: 'publickey', retryAfterMs: 5000 },
      hint: hint(),
    })
  })

  test('any other failure stays as it is', () => {
    const failure = new Failure('timed-out', 'the server did not answer', { side: 'there' })
    expect(withKeyToRegister(failure, settings())).toBe(failure)
    const withAgent = { ...settings(), there: { ...settings().there, secret: null } }
    const byAgent = refused('there')
    expect(withKeyToRegister(byAgent, withAgent)).toBe(byAgent)
  })
})
