import { keyType, readStrings } from './fingerprint.ts'

/** What a host key algorithm can be asked by, most wanted first (RFC 8709, 5656, 8332, 4253), with the type of key behind each. */
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

/** The algorithms whose key is of one of these types, most wanted first. */
export const algorithmsOf = (types: readonly string[]): HostKeyAlgorithm[] =>
  ALGORITHMS.filter(([, type]) => types.includes(type)).map(([algorithm]) => algorithm)

/** Strings in a key's blob, the type's own name included; at the given place, the lengths that they may have. */
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

/** Whether a word names a type of public key that known_hosts may hold, certificates and security keys included. */
export function isKeyType(word: string): boolean {
  if (Object.hasOwn(SHAPES, word)) return true
  if (!word.endsWith(CERTIFICATE)) return false
  const plain = word.slice(0, -CERTIFICATE.length)
  return Object.hasOwn(SHAPES, plain) || Object.hasOwn(SHAPES, `${plain}@openssh.com`)
}

/** The blob of a public key of this type; null where it is of another type, or damaged. */
export function parseKeyBlob(type: string, base64: string): Buffer | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 === 1) return null
  const blob = Buffer.from(base64, 'base64')
  // A certificate has numbers among its strings; it is never compared with anything, so its name is enough.
  if (type.endsWith(CERTIFICATE)) return blob.subarray(4, 4 + type.length).toString('latin1') === type ? blob : null
  const strings = readStrings(blob)
  const shape = SHAPES[type]
  if (strings === null || shape === undefined || keyType(blob) !== type || strings.length !== shape.strings) return null
  const lengths = Object.entries(shape.lengths ?? {})
  return lengths.every(([index, length]) => strings[Number(index)]?.length === length) ? blob : null
}
