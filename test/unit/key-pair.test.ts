// Keys are made, and their public halves judged, by the real ssh-keygen.
import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { looksLikePrivateKey, mendPrivateKey } from '../../src/credentials/private-key.ts'
import { Failure } from '../../src/failure.ts'
import { publicHalf, readPrivateKey } from '../../src/ssh/key-pair.ts'
import { generateKey } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const PASSPHRASE = 'correct horse'
const TYPES = {
  ed25519: ['ed25519', []],
  'ecdsa-256': ['ecdsa', ['-b', '256']],
  'ecdsa-384': ['ecdsa', ['-b', '384']],
  'ecdsa-521': ['ecdsa', ['-b', '521']],
  rsa: ['rsa', ['-b', '2048']],
} as const
const FORMATS = { OpenSSH: [], PEM: ['-m', 'PEM'], 'PKCS#8': ['-m', 'PKCS8'] } as const
const CASES = Object.keys(TYPES).flatMap(type =>
  Object.keys(FORMATS).flatMap(format => [false, true].map(encrypted => [type, format, encrypted] as const)),
) as readonly (readonly [keyof typeof TYPES, keyof typeof FORMATS, boolean])[]

const directory = temporaryDirectory()
let plain = ''
let publicKey = ''

async function make(type: keyof typeof TYPES, format: keyof typeof FORMATS, encrypted: boolean) {
  const [name, size] = TYPES[type]
  const passphrase = encrypted ? ['-N', PASSPHRASE, '-a', '1'] : []
  const file = join(directory, `${type}-${format.replace('#', '')}-${encrypted}`)
  return generateKey(file, name, [...size, ...FORMATS[format], ...passphrase])
}

/** What is thrown for a secret. */
function refusal(secret: string, passphrase: string | null = null): Failure {
  try {
    readPrivateKey(secret, passphrase)
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('the secret was taken for a private key')
}

beforeAll(async () => {
  const made = await generateKey(join(directory, 'plain'), 'ed25519')
  plain = made.privateKey
  publicKey = made.publicKey
})

test.each(CASES)('%s as %s, encrypted: %s', async (type, format, encrypted) => {
  const made = await make(type, format, encrypted)
  const key = readPrivateKey(made.privateKey, encrypted ? PASSPHRASE : null)
  expect(publicHalf(key)).toBe(made.publicKey)
  if (!encrypted) return
  expect(refusal(made.privateKey)).toMatchObject({ kind: 'secret-not-a-key', message: expect.stringContaining('no passphrase is given') })
  expect(refusal(made.privateKey, 'wrong').message).toBe('the passphrase does not open the private key')
})

describe('PKCS#8 by node', () => {
  test('ed25519', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const { x = '' } = publicKey.export({ format: 'jwk' })
    const half = publicHalf(readPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), null))
    expect(Buffer.from(half.split(' ')[1] ?? '', 'base64').subarray(-32)).toEqual(Buffer.from(x, 'base64url'))
  })

  test('a type that SSH does not have', () => {
    const { privateKey } = generateKeyPairSync('x25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    expect(refusal(privateKey).message).toBe('the private key is of the type "x25519"; allowed: ed25519, ECDSA, RSA')
  })
})

describe('mending', () => {
  test.each<[string, (key: string) => string]>([
    ['CRLF', key => key.replaceAll('\n', '\r\n')],
    ['CR', key => key.replaceAll('\n', '\r')],
    ['no last newline', key => key.trimEnd()],
    ['newlines spelled out', key => key.replaceAll('\n', '\\n')],
    ['CRLF spelled out', key => key.replaceAll('\n', '\\r\\n')],
    ['newlines lost to blanks', key => key.replaceAll('\n', ' ')],
    ['indented', key => key.replaceAll(/^/gm, '    ')],
    ['trailing blanks', key => key.replaceAll('\n', '  \n')],
    ['double quotes', key => `"${key}"`],
    ['single quotes around one line', key => `'${key.replaceAll('\n', '\\n')}'`],
    ['byte order mark', key => `\uFEFF${key}`],
    ['text around it', key => `my key:\n${key}\n-- \nme`],
  ])('%s', (_name, damage) => {
    const damaged = damage(plain)
    expect(damaged).not.toBe(plain)
    expect(looksLikePrivateKey(damaged)).toBe(true)
    expect(publicHalf(readPrivateKey(damaged, null))).toBe(publicKey)
    expect(mendPrivateKey(damaged)).toBe(plain)
  })

  test('the headers of an encrypted PEM key stay', async () => {
    const { privateKey: text } = await generateKey(join(directory, 'headers'), 'rsa', ['-m', 'PEM', '-N', PASSPHRASE])
    expect(text).toContain('Proc-Type: 4,ENCRYPTED\n')
    expect(mendPrivateKey(text.replaceAll('\n', '\r\n'))).toBe(text)
  })
})

describe('what is not a private key', () => {
  test.each<[string, (parts: { plain: string; publicKey: string }) => string, RegExp, boolean]>([
    ['public key', ({ publicKey }) => `${publicKey} me@here\n`, /is a public key \(the \.pub file\)/, false],
    ['public key, PEM', () => '-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----', /is a public key/, false],
    ['public key, RFC 4716', () => '---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----', /is a public key/, false],
    ['SSH certificate', () => 'ssh-ed25519-cert-v01@openssh.com AAAA me', /is an SSH certificate/, false],
    ['certificate', () => '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----', /is a certificate/, false],
    ['PuTTY key', () => 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none', /PuTTY key: export it/, true],
    ['key of ssh.com', () => '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56w', /ssh\.com: convert/, true],
    ['PGP key', () => '-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQ', /PGP key/, true],
    ['token', () => 'ghp_0123456789', /has no line "-----BEGIN/, false],
    ['nothing', () => ' \n', /has no line "-----BEGIN/, false],
    ['a key without its end', ({ plain }) => plain.slice(0, -40), /cut short: it has no END line/, true],
    ['a key with a hole', ({ plain }) => plain.slice(0, 120) + plain.slice(160), /damaged/, true],
    ['PKCS#8 garbage', () => '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----', /damaged/, true],
    ['RSA garbage', () => '-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----', /damaged/, true],
  ])('%s', (_name, make, expected, looksLike) => {
    const secret = make({ plain, publicKey })
    const failure = refusal(secret)
    expect(failure.kind).toBe('secret-not-a-key')
    expect(failure.message).toMatch(expected)
    expect(looksLikePrivateKey(secret)).toBe(looksLike)
    for (const line of secret.split('\n').filter(line => line.length > 20 && !line.includes('BEGIN'))) {
      expect(`${failure.message}\n${failure.detail}\n${failure.hint}`).not.toContain(line)
    }
  })

  test('a key whose halves do not belong together', () => {
    const bytes = Buffer.from(plain.split('\n').slice(1, -2).join(''), 'base64')
    const publicBytes = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64').subarray(-32)
    // The private half stands before the last copy of the public one.
    const at = bytes.lastIndexOf(publicBytes) - 1
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    const secret = `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
    expect(refusal(secret).message).toMatch(/damaged/)
  })

  test('a cipher that cannot be read', async () => {
    const options = ['-Z', 'chacha20-poly1305@openssh.com', '-N', PASSPHRASE, '-a', '1']
    const { privateKey } = await generateKey(join(directory, 'chacha'), 'ed25519', options)
    expect(refusal(privateKey, PASSPHRASE).message).toContain('encrypted with "chacha20-poly1305@openssh.com": encrypt it anew')
  })
})
