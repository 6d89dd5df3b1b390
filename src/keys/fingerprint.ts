import { createHash } from 'node:crypto'

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
