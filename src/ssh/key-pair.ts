import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { ParsedKey } from 'ssh2'
import { Failure } from '../errors/failure.ts'
import { cipherOf, countPrivateKeys, mendPrivateKey } from '../keys/private-key.ts'
import { sshString } from '../keys/public-key.ts'
import { utils } from './ssh2.ts'

/** A private key that signs, with its public half. */
export type PrivateKey = ParsedKey

/**
 * Reads a pasted private key in OpenSSH, PEM or PKCS#8 form: ed25519, ECDSA (P-256, P-384, P-521) or RSA, encrypted or not. Damage from pasting is
 * mended (keys/private-key.ts). @param passphrase ignored if the key is not encrypted
 * @throws Failure `secret-not-a-key`, whose message names what the secret is instead, or what is wrong with it
 */
export function readPrivateKey(secret: string, passphrase: string | null): PrivateKey {
  const text = mendPrivateKey(secret)
  const label = /^-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----\n[\s\S]*\n-----END \1-----\n$/.exec(text)?.[1]
  if (label === undefined) throw notAKey(describeNonKey(text))
  const count = countPrivateKeys(secret)
  if (count > 1) throw notAKey(`the secret holds ${count} private keys: give the one that is meant, alone`)
  const cipher = cipherOf(text)
  const encrypted = cipher !== 'none'
  if (UNREADABLE_CIPHER.test(cipher)) throw encryptAnew(cipher)
  // A passphrase from a file ends with a line end, which ssh-keygen never takes for a part of it.
  const opener = passphrase?.replace(/\r?\n$/, '') ?? ''
  if (encrypted && opener === '') {
    throw new Failure('secret-not-a-key', 'the private key is encrypted, and no passphrase is given', {
      hint: 'set `ssh-key-passphrase`, or use a key without a passphrase',
    })
  }
  const unreadable = (): Failure =>
    encrypted
      ? new Failure('secret-not-a-key', 'the passphrase does not open the private key', { hint: 'correct `ssh-key-passphrase`' })
      : notAKey('the private key is damaged: copy the whole file again')

  const key = parse(text, label, encrypted ? opener : null, unreadable)
  if (!('sign' in key)) throw explain(key.message, unreadable)
  if (key.type === 'ssh-dss') throw notAKey(DSA)
  if (!signs(key)) throw unreadable()
  return key
}

/** The public half as one line, `type base64`, as it is registered at a server. */
export const publicHalf = (key: PrivateKey): string => `${key.type} ${key.getPublicSSH().toString('base64')}`

/** An RSA key that is offered as `rsa-sha2-512`, and signs so (RFC 8332 §3); ssh2 offers each key by its type. */
export const signingWithSha512 = (key: PrivateKey): PrivateKey =>
  Object.create(key, {
    type: { value: 'rsa-sha2-512' },
    sign: { value: (data: Buffer) => key.sign(data, 'sha512') },
  }) satisfies PrivateKey

const notAKey = (message: string): Failure => new Failure('secret-not-a-key', message)

const DSA = 'the private key is a DSA key, which servers no longer accept: make an ed25519 key'

function describeNonKey(text: string): string {
  if (/^(ssh|ecdsa|sk)-\S+-cert-v01@openssh\.com /.test(text)) return 'the secret is an SSH certificate, not a private key'
  if (/^(ssh|ecdsa|sk)-\S+ AAAA/.test(text)) return 'the secret is a public key (the .pub file), not the private key'
  if (/-{4,5} ?BEGIN [A-Z0-9 ]*PUBLIC KEY/.test(text)) return 'the secret is a public key, not the private key'
  if (text.includes('-----BEGIN CERTIFICATE')) return 'the secret is a certificate, not a private key'
  if (text.includes('PuTTY-User-Key-File-'))
    return 'the secret is a PuTTY key: export it in OpenSSH format (PuTTYgen: Conversions, Export OpenSSH key; or `puttygen key.ppk -O private-openssh -o key`)'
  if (/-----BEGIN PGP/.test(text)) return 'the secret is a PGP key, not an SSH private key'
  if (/---- BEGIN SSH2/.test(text)) return 'the secret is a private key in the format of ssh.com: convert it with `ssh-keygen -i`'
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(text))
    return 'the private key is cut short: it has no END line that belongs to its BEGIN line'
  if (/-----END [A-Z0-9 ]*PRIVATE KEY/.test(text)) return 'the private key is cut short: it has no BEGIN line'
  if (/^b3BlbnNzaC1rZXktdjEA/.test(text)) return 'the private key has lost its BEGIN and END lines: copy the whole file again'
  return 'the secret is not a private key: it has no line "-----BEGIN … PRIVATE KEY-----"'
}

/** ssh2 fails on a key file (as opposed to a connection) with the first; OpenSSL 3 no longer knows the others, which are as old as they are weak. */
const UNREADABLE_CIPHER = /^(?:chacha20-poly1305@openssh\.com|DES-CBC|(?:RC2|IDEA|BF|CAST|SEED)-.*)$/

const encryptAnew = (cipher: string): Failure =>
  notAKey(
    `the private key is encrypted with "${cipher}", which cannot be read here: encrypt it anew with \`ssh-keygen -p -Z aes256-ctr -f key\``,
  )

function parse(text: string, label: string, passphrase: string | null, unreadable: () => Failure): ParsedKey | Error {
  if (label === 'OPENSSH PRIVATE KEY') return utils.parseKey(text, passphrase ?? undefined)
  let key: KeyObject
  try {
    key = createPrivateKey({ key: text, passphrase: passphrase || undefined })
  } catch {
    throw unreadable()
  }
  return utils.parseKey(forSsh2(key))
}

/** By OpenSSL's names: P-256, P-384, P-521 (RFC 5656 §10.1). */
const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1'])

/** Writes a key in a form that ssh2 reads: it knows neither PKCS#8 nor all ciphers of PEM. */
function forSsh2(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString()
  if (key.asymmetricKeyType === 'ec') {
    const curve = key.asymmetricKeyDetails?.namedCurve ?? 'unnamed'
    if (!CURVES.has(curve)) throw notAKey(`the private key is of the curve "${curve}"; allowed: ed25519, ECDSA (P-256, P-384, P-521), RSA`)
    // Through a JWK, which names the curve even if the file has its parameters instead.
    const named = createPrivateKey({ key: key.export({ format: 'jwk' }), format: 'jwk' })
    return named.export({ type: 'sec1', format: 'pem' }).toString()
  }
  if (key.asymmetricKeyType === 'ed25519') return writeOpenSshEd25519(key)
  if (key.asymmetricKeyType === 'dsa') throw notAKey(DSA)
  throw notAKey(`the private key is of the type "${key.asymmetricKeyType ?? 'unknown'}"; allowed: ed25519, ECDSA, RSA`)
}

/** An unencrypted OpenSSH private key file (PROTOCOL.key of OpenSSH). */
function writeOpenSshEd25519(key: KeyObject): string {
  const { x = '', d = '' } = key.export({ format: 'jwk' })
  const publicKey = Buffer.from(x, 'base64url')
  const type = Buffer.from('ssh-ed25519')
  const none = sshString(Buffer.from('none'))
  const empty = sshString(Buffer.alloc(0))
  const checks = Buffer.alloc(8)
  const secret = sshString(Buffer.concat([Buffer.from(d, 'base64url'), publicKey]))
  const fields = Buffer.concat([checks, sshString(type), sshString(publicKey), secret, empty])
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, (8 - (fields.length % 8)) % 8)
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[none, none, empty, Buffer.from([0, 0, 0, 1])],
    sshString(Buffer.concat([sshString(type), sshString(publicKey)])),
    sshString(Buffer.concat([fields, padding])),
  ])
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${file.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
}

function explain(message: string, unreadable: () => Failure): Failure {
  const cipher = /^Unsupported cipher for OpenSSH key: (\S+)$|^Cipher \((\S+)\) not supported/.exec(message)
  if (cipher) return encryptAnew(cipher[1] ?? cipher[2] ?? '')
  const type = /^Unsupported (?:OpenSSH private key type|private key EC OID): (\S+)$/.exec(message)?.[1]
  if (type?.startsWith('sk-')) {
    return notAKey(
      `the private key is of the type "${type}", which signs only with the security key in your hand: make an ed25519 key for the mirror`,
    )
  }
  if (type) return notAKey(`the private key is of the type "${type}"; allowed: ed25519, ECDSA (P-256, P-384, P-521), RSA`)
  return unreadable()
}

/** A wrong passphrase can leave bytes that parse as a key; only a signature that verifies proves that it is one. */
function signs(key: ParsedKey): boolean {
  const algorithm = key.type === 'ssh-rsa' ? 'sha256' : undefined
  const signature: unknown = key.sign('test', algorithm)
  return Buffer.isBuffer(signature) && key.verify('test', signature, algorithm) === true
}
