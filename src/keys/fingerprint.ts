import { createHash } from 'node:crypto'

/** `SHA256:` and 43 characters of base64 without padding, as `ssh-keygen -l` prints it. */
export const sha256Fingerprint = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replaceAll('=', '')}`

/** `MD5:` and 16 pairs of lower-case hex digits, as `ssh-keygen -l -E md5` prints it. */
export const md5Fingerprint = (blob: Buffer): string => `MD5:${createHash('md5').update(blob).digest('hex').match(/../g)?.join(':') ?? ''}`

/** The type that a public key says it is of: the first string of its blob (RFC 4253 §6.6). Empty where there is none. */
export function keyType(blob: Buffer): string {
  const [type] = readStrings(blob) ?? []
  return type?.toString('latin1') ?? ''
}

/** A length-prefixed string (RFC 4251 §5). */
export function sshString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** All length-prefixed strings of a blob (RFC 4251 §5); null where the last one is cut short. */
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
