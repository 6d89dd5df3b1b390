import { createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto'
import { mendPrivateKey } from './private-key.ts'
import { keyType, sshString } from './public-key.ts'

/**
 * The public half of a private key as SSH writes it, `type base64`. ssh/key-pair.ts checks that both halves belong together.
 * An OpenSSH file has the public half in clear text, so neither a passphrase nor a slow key derivation is needed.
 * @param passphrase needed for encrypted PEM and PKCS#8
 * @returns null if the secret is not a readable key
 */
export function publicHalfOf(secret: string, passphrase: string | null): string | null {
  const text = mendPrivateKey(secret)
  const blob = text.startsWith('-----BEGIN OPENSSH PRIVATE KEY-----\n') ? blobOfFile(text) : blobOfPem(text, passphrase)
  return blob === null || keyType(blob) === '' ? null : `${keyType(blob)} ${blob.toString('base64')}`
}

const MAGIC = Buffer.from('openssh-key-v1\0')

/** PROTOCOL.key of OpenSSH: magic, cipher, KDF, KDF's options, number of keys, then the public keys. */
function blobOfFile(text: string): Buffer | null {
  const file = Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64')
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) return null
  let offset = MAGIC.length
  for (let skipped = 0; skipped < 3; skipped++) {
    if (offset + 4 > file.length) return null
    offset += 4 + file.readUInt32BE(offset)
  }
  const start = offset + 8
  if (start > file.length) return null
  const end = start + file.readUInt32BE(offset + 4)
  return end <= file.length ? file.subarray(start, end) : null
}

function blobOfPem(pem: string, passphrase: string | null): Buffer | null {
  if (!pem.startsWith('-----BEGIN ')) return null
  try {
    return blobOfJwk(createPublicKey(createPrivateKey({ key: pem, passphrase: passphrase ?? undefined })).export({ format: 'jwk' }))
  } catch {
    return null
  }
}

const CURVES: Readonly<Record<string, string>> = { 'P-256': 'nistp256', 'P-384': 'nistp384', 'P-521': 'nistp521' }

/** RFC 4253 §6.6 (RSA), RFC 5656 §3.1 (ECDSA), RFC 8709 §4 (Ed25519). */
function blobOfJwk({ kty, crv = '', n = '', e = '', x = '', y = '' }: JsonWebKey): Buffer | null {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')
  const curve = CURVES[crv]
  if (kty === 'RSA') return Buffer.concat([sshString(Buffer.from('ssh-rsa')), positive(bytes(e)), positive(bytes(n))])
  if (crv === 'Ed25519') return Buffer.concat([sshString(Buffer.from('ssh-ed25519')), sshString(bytes(x))])
  if (kty !== 'EC' || curve === undefined) return null
  const point = Buffer.concat([Buffer.from([4]), bytes(x), bytes(y)])
  return Buffer.concat([sshString(Buffer.from(`ecdsa-sha2-${curve}`)), sshString(Buffer.from(curve)), sshString(point)])
}

/** An mpint (RFC 4251 §5): a number whose first bit is set would be negative, so a zero byte goes before it. */
const positive = (bytes: Buffer): Buffer => sshString(((bytes[0] ?? 0) & 0x80) === 0 ? bytes : Buffer.concat([Buffer.from([0]), bytes]))
