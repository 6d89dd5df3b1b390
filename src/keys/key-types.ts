import { keyType, readStrings } from './fingerprint.ts'

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
