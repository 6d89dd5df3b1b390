import { createHash } from 'node:crypto'

/** The host key algorithms, preferred ones first (RFC 8709, 5656, 8332, 4253), each with the type of its key. */
const ALGORITHMS = [
  ['ssh-ed25519', 'ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256'],
  ['ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp384'],
  ['ecdsa-sha2-nistp521', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'ssh-rsa'],
  ['rsa-sha2-256', 'ssh-rsa'],
  ['ssh-rsa', 'ssh-rsa'],
] as const

export type HostKeyAlgorithm = (typeof ALGORITHMS)[number][0]

export const HOST_KEY_ALGORITHMS: readonly HostKeyAlgorithm[] = ALGORITHMS.map(([algorithm]) => algorithm)

/** The algorithms whose key is of one of these types, preferred ones first. */
export const algorithmsOf = (types: readonly string[]): HostKeyAlgorithm[] =>
  ALGORITHMS.filter(([, type]) => types.includes(type)).map(([algorithm]) => algorithm)

/** The number of strings in a key's blob, the name of the type included, and the length of some of them by index. */
const SHAPES: Readonly<Record<string, { readonly strings: number; readonly lengths?: Readonly<Record<number, number>> }>> = {
  'ssh-ed25519': { strings: 2, lengths: { 1: 32 } },
  'ecdsa-sha2-nistp256': { strings: 3, lengths: { 1: 8, 2: 65 } },
  'ecdsa-sha2-nistp384': { strings: 3, lengths: { 1: 8, 2: 97 } },
  'ecdsa-sha2-nistp521': { strings: 3, lengths: { 1: 8, 2: 133 } },
  'ssh-rsa': { strings: 3 },
  'ssh-dss': { strings: 5 },
  'sk-ssh-ed25519@openssh.com': { strings: 3, lengths: { 1: 32 } },
  'sk-ecdsa-sha2-nistp256@openssh.com': { strings: 4, lengths: { 1: 8, 2: 65 } },
}

const CERTIFICATE = '-cert-v01@openssh.com'

/** Whether a word is a type of public key that known_hosts may contain, certificates and security keys included. */
export function isKeyType(word: string): boolean {
  if (Object.hasOwn(SHAPES, word)) return true
  if (!word.endsWith(CERTIFICATE)) return false
  const plain = word.slice(0, -CERTIFICATE.length)
  return Object.hasOwn(SHAPES, plain) || Object.hasOwn(SHAPES, `${plain}@openssh.com`)
}

/** The blob of a public key of this type; null if it is of another type, or damaged. */
export function parseKeyBlob(type: string, base64: string): Buffer | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 === 1) return null
  const blob = Buffer.from(base64, 'base64')
  // A certificate also contains numbers. It is never compared with another key, so only its name is checked.
  if (type.endsWith(CERTIFICATE)) return blob.subarray(4, 4 + type.length).toString('latin1') === type ? blob : null
  const strings = readStrings(blob)
  const shape = SHAPES[type]
  if (strings === null || shape === undefined || keyType(blob) !== type || strings.length !== shape.strings) return null
  const lengths = Object.entries(shape.lengths ?? {})
  return lengths.every(([index, length]) => strings[Number(index)]?.length === length) ? blob : null
}

/** `SHA256:` and 43 characters of base64 without padding, as `ssh-keygen -l` prints it. */
export const sha256Fingerprint = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replaceAll('=', '')}`

/** `MD5:` and 16 pairs of lower-case hex digits, as `ssh-keygen -l -E md5` prints it. */
export const md5Fingerprint = (blob: Buffer): string => `MD5:${createHash('md5').update(blob).digest('hex').match(/../g)?.join(':') ?? ''}`

/** The type of a public key: the first string of its blob (RFC 4253 §6.6); empty if there is none. */
export const keyType = (blob: Buffer): string => readStrings(blob)?.[0]?.toString('latin1') ?? ''

/** A length-prefixed string (RFC 4251 §5). */
export function sshString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** All length-prefixed strings of a blob (RFC 4251 §5); null if the last one is incomplete. */
export function readStrings(blob: Buffer): Buffer[] | null {
  const strings: Buffer[] = []
  let offset = 0
  while (offset < blob.length) {
    if (offset + 4 > blob.length) return null
    const end = offset + 4 + blob.readUInt32BE(offset)
    if (end > blob.length) return null
    strings.push(blob.subarray(offset + 4, end))
    offset = end
  }
  return strings
}
