import { mendPrivateKey } from '../keys/private-key.ts'
import { publicHalf, readPrivateKey } from './key-pair.ts'
import { utils } from './ssh2.ts'

export const GENERATED_TYPES = ['ed25519', 'rsa'] as const
export type GeneratedType = (typeof GENERATED_TYPES)[number]

export interface KeyFiles {
  /** The whole file in OpenSSH's format (PROTOCOL.key), as ssh-keygen would have written it. */
  readonly privateKey: string
  /** `type base64 comment`, without a line end. */
  readonly publicKey: string
}

const RSA_BITS = 4096

/**
 * Makes a new key pair, and proves that it signs before its public half is registered. An RSA key takes seconds, and blocks that long.
 * @param passphrase encrypts the private half; null = it is not encrypted
 */
export function generateKeyFiles(type: GeneratedType, comment: string, passphrase: string | null): KeyFiles {
  const encryption = passphrase === null ? {} : { passphrase, cipher: 'aes256-ctr' as const }
  for (;;) {
    const made =
      type === 'rsa'
        ? utils.generateKeyPairSync('rsa', { bits: RSA_BITS, comment, ...encryption })
        : utils.generateKeyPairSync('ed25519', { comment, ...encryption })
    const [name = '', base64 = ''] = made.public.split(' ')
    // ssh2 takes a zero byte at the start of an ed25519 public key for padding, and cuts it: one key of 256 is none.
    if (type === 'ed25519' && Buffer.from(base64, 'base64').length !== ED25519_BLOB_BYTES) continue
    const key = readPrivateKey(made.private, passphrase)
    if (publicHalf(key) !== `${name} ${base64}`) continue
    return { privateKey: mendPrivateKey(made.private), publicKey: `${publicHalf(key)} ${comment}`.trim() }
  }
}

/** RFC 8709 §4: two length-prefixed strings, `ssh-ed25519` and 32 bytes. */
const ED25519_BLOB_BYTES = 4 + 11 + 4 + 32
