// Keys are made, and their public halves judged, by the real ssh-keygen.
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import { looksLikeKey, looksLikePrivateKey } from '../../src/keys/private-key.ts'
import { publicHalf, readPrivateKey } from '../../src/ssh/key-pair.ts'
import { KEY_CASES, KEY_FORMATS, makeKey, PASSPHRASE, privateFile, publicHalfBySshKeygen, succeed } from '../support/private-keys.ts'
import { generateKey } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const directory = temporaryDirectory()
let plain = ''
let publicKey = ''

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

let rsa = ''
let dsa = ''
let dsaPem = ''
let secp256k1 = ''
const desPem =
  '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,0123456789ABCDEF\n\nAAAA\n-----END RSA PRIVATE KEY-----\n'

/** A file as `ssh-keygen -t ed25519-sk` writes it (PROTOCOL.key and PROTOCOL.u2f of OpenSSH), for which it would want a device. */
function securityKey(): string {
  const string = (bytes: Buffer | string): Buffer => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(bytes))
    return Buffer.concat([length, Buffer.from(bytes)])
  }
  const type = string('sk-ssh-ed25519@openssh.com')
  const half = Buffer.concat([type, string(Buffer.alloc(32, 7)), string('ssh:')])
  const fields = [Buffer.alloc(8), half, Buffer.from([1]), string('handle'), string(''), string('comment')]
  const whole = [...[Buffer.from('openssh-key-v1\0'), string('none'), string('none'), string('')], Buffer.from([0, 0, 0, 1]), string(half)]
  const file = Buffer.concat([...whole, string(pad(Buffer.concat(fields)))])
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${file.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
}

const pad = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, (8 - (bytes.length % 8)) % 8)])

beforeAll(async () => {
  const made = await generateKey(join(directory, 'plain'), 'ed25519')
  plain = made.privateKey
  publicKey = made.publicKey
  rsa = (await makeKey(directory, 'rsa', 'PKCS#8')).text
  secp256k1 = await succeed('openssl', ['ecparam', '-name', 'secp256k1', '-genkey', '-noout'])
  const parameters = await succeed('openssl', ['genpkey', '-genparam', '-algorithm', 'DSA', '-pkeyopt', 'dsa_paramgen_bits:1024'])
  dsa = await succeed('openssl', ['genpkey', '-paramfile', privateFile(directory, 'parameters', parameters)])
  dsaPem = await succeed('openssl', ['pkey', '-traditional'], dsa)
}, 30_000)

test.each(KEY_CASES.filter(([, format]) => KEY_FORMATS[format].encrypted))(
  '%s as %s, with a wrong passphrase or none',
  async (type, format) => {
    const { text } = await makeKey(directory, type, format)
    for (const none of [null, '', '\n']) {
      expect(refusal(text, none)).toMatchObject({
        kind: 'secret-not-a-key',
        message: 'the private key is encrypted, and no passphrase is given',
        hint: 'set `ssh-key-passphrase`, or use a key without a passphrase',
      })
    }
    expect(refusal(text, `${PASSPHRASE} `)).toMatchObject({
      kind: 'secret-not-a-key',
      message: 'the passphrase does not open the private key',
      hint: 'correct `ssh-key-passphrase`',
    })
  },
)

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

describe('what is not a private key', () => {
  test.each<[string, (parts: { plain: string; publicKey: string }) => string, RegExp, boolean]>([
    ['public key', ({ publicKey }) => `${publicKey} me@here\n`, /is a public key \(the \.pub file\)/, false],
    [
      'public key in base64',
      ({ publicKey }) => Buffer.from(`${publicKey} me@here\n`).toString('base64'),
      /is a public key \(the \.pub file\)/,
      false,
    ],
    ['public key, PEM', () => '-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----', /is a public key/, false],
    ['public key, RFC 4716', () => '---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----', /is a public key/, false],
    ['SSH certificate', () => 'ssh-ed25519-cert-v01@openssh.com AAAA me', /is an SSH certificate/, false],
    ['certificate', () => '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----', /is a certificate/, false],
    [
      'certificate in base64',
      () => Buffer.from('-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUc2l\n-----END CERTIFICATE-----').toString('base64'),
      /is a certificate/,
      false,
    ],
    ['PuTTY key', () => 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none', /PuTTY key: export it/, true],
    [
      'PuTTY key in base64',
      () => Buffer.from('PuTTY-User-Key-File-2: ssh-rsa\nEncryption: aes256-cbc\n').toString('base64'),
      /puttygen key\.ppk -O private-openssh/,
      true,
    ],
    ['key of ssh.com', () => '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56w', /ssh\.com: convert/, true],
    ['PGP key', () => '-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQ', /PGP key/, true],
    ['token', () => 'ghp_0123456789', /has no line "-----BEGIN/, false],
    ['nothing', () => ' \n', /has no line "-----BEGIN/, false],
    ['a key without its end', ({ plain }) => plain.slice(0, -40), /cut short: it has no END line/, true],
    [
      'a key with the END line of another',
      ({ plain }) => plain.replace('END OPENSSH', 'END RSA'),
      /cut short: it has no END line that belongs/,
      true,
    ],
    ['a key without its beginning', ({ plain }) => plain.slice(40), /cut short: it has no BEGIN line/, true],
    [
      'a key without its first and last line',
      ({ plain }) => plain.split('\n').slice(1, -2).join('\n'),
      /has lost its BEGIN and END lines/,
      true,
    ],
    ['half a file in base64', ({ plain }) => Buffer.from(plain.slice(0, 200)).toString('base64'), /cut short: it has no END line/, true],
    ['two keys', ({ plain }) => `${plain}${rsa}`, /holds 2 private keys: give the one that is meant/, true],
    ['two keys in base64', ({ plain }) => Buffer.from(`${rsa}${plain}`).toString('base64'), /holds 2 private keys/, true],
    ['DSA, PKCS#8', () => dsa, /is a DSA key, which servers no longer accept: make an ed25519 key/, true],
    ['DSA, PEM', () => dsaPem, /is a DSA key, which servers no longer accept/, true],
    [
      'a curve that SSH does not have',
      () => secp256k1,
      /is of the curve "secp256k1"; allowed: ed25519, ECDSA \(P-256, P-384, P-521\), RSA/,
      true,
    ],
    [
      'a security key',
      () => securityKey(),
      /is of the type "sk-ssh-ed25519@openssh\.com", which signs only with the security key in your hand/,
      true,
    ],
    ['PEM with a cipher of old', () => desPem, /is encrypted with "DES-CBC", which cannot be read here: encrypt it anew/, true],
    ['a key with a hole', ({ plain }) => plain.slice(0, 120) + plain.slice(160), /damaged/, true],
    ['PKCS#8 garbage', () => '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----', /damaged/, true],
    ['RSA garbage', () => '-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----', /damaged/, true],
  ])('%s', (name, make, expected, looksLike) => {
    const secret = make({ plain, publicKey })
    const failure = refusal(secret)
    expect(failure.kind).toBe('secret-not-a-key')
    expect(failure.message).toMatch(expected)
    expect(looksLikePrivateKey(secret)).toBe(looksLike)
    expect(looksLikeKey(secret)).toBe(!/^(?:token|nothing)$/.test(name))
    for (const line of secret.split('\n').filter(line => line.length > 20 && !line.includes('BEGIN'))) {
      expect(`${failure.message}\n${failure.detail}\n${failure.hint}`).not.toContain(line)
    }
  })

  test.each([
    ['v2', []],
    ['v3, encrypted', ['--new-passphrase']],
  ])('a key of the real PuTTYgen, %s; what it exports is taken', async (version, options) => {
    const passphrase = privateFile(directory, 'passphrase', PASSPHRASE)
    const file = join(directory, `${version}.ppk`)
    const plainKey = privateFile(directory, `${version}.key`, plain)
    const parameter = version.startsWith('v2') ? 'version=2' : 'version=3'
    await succeed('puttygen', [
      plainKey,
      '-q',
      '--ppk-param',
      parameter,
      ...options.flatMap(option => [option, passphrase]),
      '-O',
      'private',
      '-o',
      file,
    ])
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/^PuTTY-User-Key-File-[23]: ssh-ed25519/)
    expect(looksLikePrivateKey(text)).toBe(true)
    expect(refusal(text).message).toMatch(/is a PuTTY key: export it in OpenSSH format .*`puttygen key\.ppk -O private-openssh -o key`/)
    // As the message says; the passphrase, where there is one, stays.
    const old = options.length > 0 ? ['--old-passphrase', passphrase] : []
    await succeed('puttygen', [file, '-q', ...old, '-O', 'private-openssh', '-o', `${file}.key`])
    expect(publicHalf(readPrivateKey(readFileSync(`${file}.key`, 'utf8'), PASSPHRASE))).toBe(publicKey)
  })

  test('an EC key with its parameters in a block of their own, or spelled out, is taken', async () => {
    for (const options of [[], ['-param_enc', 'explicit']]) {
      const text = await succeed('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', ...options])
      expect(text).toContain('-----BEGIN EC PARAMETERS-----')
      const file = privateFile(directory, `ec-${options.length}`, await succeed('openssl', ['pkey', '-ec_param_enc', 'named_curve'], text))
      expect(publicHalf(readPrivateKey(text, null))).toBe(await publicHalfBySshKeygen(file))
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
    expect(refusal(privateKey, PASSPHRASE).message).toContain(
      'encrypted with "chacha20-poly1305@openssh.com", which cannot be read here: encrypt it anew',
    )
  })
})
