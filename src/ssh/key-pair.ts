import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { ParsedKey } from 'ssh2'
import { mendPrivateKey } from '../credentials/private-key.ts'
import { Failure } from '../failure.ts'
import { utils } from './ssh2.ts'

/** A private key that signs, with its public half. */
export type PrivateKey = ParsedKey

/**
 * Reads a pasted private key in OpenSSH, PEM or PKCS#8 form: ed25519, ECDSA (P-256, P-384, P-521) or RSA, encrypted or not.
 * @throws Failure `secret-not-a-key`, which says what the secret is instead, or what is wrong with it
 */
export function readPrivateKey(secret: string, passphrase: string | null): PrivateKey {
  const text = mendPrivateKey(secret)
  const label = /^-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----\n[\s\S]*\n-----END \1-----\n$/.exec(text)?.[1]
  if (label === undefined) throw notAKey(describeNonKey(text))
  const cipher = cipherOf(text, label)
  const encrypted = cipher !== 'none'
  if (cipher === UNREADABLE_CIPHER) throw encryptAnew(cipher)
  if (encrypted && !passphrase) {
    throw new Failure('secret-not-a-key', 'the private key is encrypted, and no passphrase is given', {
      hint: 'set `ssh-key-passphrase`, or use a key without a passphrase',
    })
  }
  const unreadable = (): Failure =>
    encrypted ? notAKey('the passphrase does not open the private key') : notAKey('the private key is damaged: copy the whole file again')

  const key = parse(text, label, passphrase, unreadable)
  if (!('sign' in key)) throw explain(key.message, unreadable)
  if (key.type === 'ssh-dss') throw notAKey('the private key is a DSA key, which servers no longer accept: make an ed25519 key')
  if (!signs(key)) throw unreadable()
  return key
}

/** The public half as one line, `type base64`, as it is registered at a server. */
export const publicHalf = (key: PrivateKey): string => `${key.type} ${key.getPublicSSH().toString('base64')}`

const notAKey = (message: string): Failure => new Failure('secret-not-a-key', message)

function describeNonKey(text: string): string {
  if (/^(ssh|ecdsa|sk)-\S+-cert-v01@openssh\.com /.test(text)) return 'the secret is an SSH certificate, not a private key'
  if (/^(ssh|ecdsa|sk)-\S+ AAAA/.test(text)) return 'the secret is a public key (the .pub file), not the private key'
  if (/-{4,5} ?BEGIN [A-Z0-9 ]*PUBLIC KEY/.test(text)) return 'the secret is a public key, not the private key'
  if (text.includes('-----BEGIN CERTIFICATE')) return 'the secret is a certificate, not a private key'
  if (text.includes('PuTTY-User-Key-File-'))
    return 'the secret is a PuTTY key: export it in OpenSSH format (`puttygen key.ppk -O private-openssh -o key`)'
  if (/-----BEGIN PGP/.test(text)) return 'the secret is a PGP key, not an SSH private key'
  if (/---- BEGIN SSH2/.test(text)) return 'the secret is a private key in the format of ssh.com: convert it with `ssh-keygen -i`'
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(text)) return 'the private key is cut short: it has no END line'
  return 'the secret is not a private key: it has no line "-----BEGIN … PRIVATE KEY-----"'
}

/** How the key is encrypted: `none`, the cipher that an OpenSSH file names, or some other. */
function cipherOf(text: string, label: string): string {
  if (label === 'ENCRYPTED PRIVATE KEY' || text.includes('Proc-Type: 4,ENCRYPTED')) return 'other'
  if (label !== 'OPENSSH PRIVATE KEY') return 'none'
  // PROTOCOL.key of OpenSSH: a magic of 15 bytes, then the cipher's name, length first.
  const blob = Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64')
  return blob.length < 19 ? 'none' : blob.subarray(19, 19 + blob.readUInt32BE(15)).toString('latin1')
}

/** ssh2 knows its name, but fails on a key file (as opposed to a connection) that is encrypted with it. */
const UNREADABLE_CIPHER = 'chacha20-poly1305@openssh.com'

const encryptAnew = (cipher: string): Failure =>
  notAKey(`the private key is encrypted with "${cipher}": encrypt it anew with \`ssh-keygen -p -Z aes256-ctr -f key\``)

function parse(text: string, label: string, passphrase: string | null, unreadable: () => Failure): ParsedKey | Error {
  if (!/^(ENCRYPTED )?PRIVATE KEY$/.test(label)) return utils.parseKey(text, passphrase ?? undefined)
  let key: KeyObject
  try {
    key = createPrivateKey({ key: text, ...(passphrase && { passphrase }) })
  } catch {
    throw unreadable()
  }
  return utils.parseKey(fromPkcs8(key))
}

/** Re-writes a key that came as PKCS#8, which ssh2 does not read, in a form that it does. */
function fromPkcs8(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString()
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString()
  if (key.asymmetricKeyType === 'ed25519') return writeOpenSshEd25519(key)
  throw notAKey(`the private key is of the type "${key.asymmetricKeyType ?? 'unknown'}"; allowed: ed25519, ECDSA, RSA`)
}

/** An unencrypted OpenSSH private key file (PROTOCOL.key of OpenSSH). */
function writeOpenSshEd25519(key: KeyObject): string {
  const { x = '', d = '' } = key.export({ format: 'jwk' })
  const publicKey = Buffer.from(x, 'base64url')
  const type = Buffer.from('ssh-ed25519')
  const none = string(Buffer.from('none'))
  const empty = string(Buffer.alloc(0))
  const checks = Buffer.alloc(8)
  const secret = string(Buffer.concat([Buffer.from(d, 'base64url'), publicKey]))
  const fields = Buffer.concat([checks, string(type), string(publicKey), secret, empty])
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, (8 - (fields.length % 8)) % 8)
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[none, none, empty, Buffer.from([0, 0, 0, 1])],
    string(Buffer.concat([string(type), string(publicKey)])),
    string(Buffer.concat([fields, padding])),
  ])
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${file.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
}

/** A length-prefixed string (RFC 4251 §5). */
function string(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function explain(message: string, unreadable: () => Failure): Failure {
  const cipher = /^Unsupported cipher for OpenSSH key: (\S+)$|^Cipher \((\S+)\) not supported/.exec(message)
  if (cipher) return encryptAnew(cipher[1] ?? cipher[2] ?? '')
  const type = /^Unsupported (?:OpenSSH private key type|private key EC OID): (\S+)$/.exec(message)?.[1]
  if (type) return notAKey(`the private key is of the type "${type}"; allowed: ed25519, ECDSA (P-256, P-384, P-521), RSA`)
  return unreadable()
}

/** A wrong passphrase can leave bytes that parse as a key; only a signature that verifies proves that it is one. */
function signs(key: ParsedKey): boolean {
  const algorithm = key.type === 'ssh-rsa' ? 'sha256' : undefined
  const signature: unknown = key.sign('test', algorithm)
  return Buffer.isBuffer(signature) && key.verify('test', signature, algorithm) === true
}
