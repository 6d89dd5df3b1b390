import { keyType, md5Fingerprint, readStrings, sha256Fingerprint } from '../keys/public-key.ts'
import { hostName, type KnownHostKey, matchingEntries, type Publication } from './known-hosts.ts'
import { isKey } from './verify.ts'
import { providerOf, publishedEntries, revokedEntries } from './well-known.ts'

/** An offered key compared with those known for its host. `new`: none of its type is known. `changed`: another one of its type is known. */
export type KeyComparison = 'same' | 'new' | 'changed' | 'revoked'

export interface DetectedKey {
  readonly type: string
  readonly blob: Buffer
  /** Compared with the provider's keys; null for a host that is not well known, unless the key was withdrawn. */
  readonly published: KeyComparison | null
  /** Compared with the user's keys; null if there are none. */
  readonly configured: KeyComparison | null
  /** The reason not to trust it, if `published` is `revoked`. */
  readonly revocation: Publication | null
}

/** The host keys of one server, compared with the known ones. */
export interface Detection extends Pick<HostKeyQuestion, 'host' | 'port' | 'warnings'> {
  /** As known_hosts has it. */
  readonly name: string
  readonly provider: Pick<Publication, 'provider' | 'docs'> | null
  readonly keys: readonly DetectedKey[]
  /** Known keys that the server does not offer, and no other of their type instead. */
  readonly missing: readonly KnownHostKey[]
}

/** A server, and the keys that the user has for it. */
export interface HostKeyQuestion {
  readonly host: string
  readonly port: number
  /** Keys from the user; empty = none. */
  readonly configured: readonly KnownHostKey[]
  /** Remarks about what the user gave. */
  readonly warnings: readonly string[]
}

/** Compares the keys that a server offers with the published and with the configured ones. Pure. */
export function compareHostKeys({ host, port, configured, warnings }: HostKeyQuestion, offered: readonly Buffer[]): Detection {
  const provider = providerOf(host, port)
  const published = compare(offered, matchingEntries([...publishedEntries(), ...revokedEntries()], host, port))
  const given = compare(offered, matchingEntries(configured, host, port))
  const keys = offered.map((blob, index): DetectedKey => {
    const standing = published.standings[index] ?? 'new'
    return {
      type: keyType(blob),
      blob,
      published: provider === null && standing !== 'revoked' ? null : standing,
      configured: configured.length === 0 ? null : (given.standings[index] ?? 'new'),
      revocation: revokedEntries().find(entry => isKey(entry, blob))?.published ?? null,
    }
  })
  return { name: hostName(host, port), host, port, provider, keys, missing: [...published.missing, ...given.missing], warnings }
}

function compare(offered: readonly Buffer[], known: readonly KnownHostKey[]): { standings: KeyComparison[]; missing: KnownHostKey[] } {
  const usable = known.filter(entry => !entry.revoked)
  const absent = usable.filter(entry => !offered.some(blob => isKey(entry, blob)))
  // A fingerprint does not name the type of its key. If it is the only known entry and matches none, each offered key may be the changed one.
  const changedAtAll = absent.length === usable.length && absent.some(({ kind }) => kind === 'fingerprint')
  const standings = offered.map((blob): KeyComparison => {
    const same = known.filter(entry => isKey(entry, blob))
    if (same.some(({ revoked }) => revoked)) return 'revoked'
    if (same.length > 0) return 'same'
    return changedAtAll || absent.some(entry => isOfType(entry, keyType(blob))) ? 'changed' : 'new'
  })
  const replaced = offered.filter((_, index) => standings[index] === 'changed').map(keyType)
  return { standings, missing: absent.filter(entry => !changedAtAll && !replaced.some(type => isOfType(entry, type))) }
}

const isOfType = (entry: KnownHostKey, type: string): boolean => entry.kind === 'key' && entry.type === type

/** The worst that was found; null: no key contradicts what is known. */
export function alarmOf({ keys }: Detection): 'revoked' | 'changed' | null {
  const standings = keys.flatMap(({ published, configured }) => [published, configured])
  return standings.includes('revoked') ? 'revoked' : standings.includes('changed') ? 'changed' : null
}

/** A line for known_hosts for each key that may be trusted once it is verified; revoked keys have none. */
export const knownHostsLines = ({ name, keys }: Detection): string[] =>
  keys
    .filter(({ published, configured }) => published !== 'revoked' && configured !== 'revoked')
    .map(({ type, blob }) => `${name} ${type} ${blob.toString('base64')}`)

/** A key in the JSON of a command. */
export const keyFacts = (blob: Buffer) => ({
  type: keyType(blob),
  bits: bitsOf(blob),
  sha256: sha256Fingerprint(blob),
  md5: md5Fingerprint(blob),
})

/** The size of a key as `ssh-keygen -l` gives it: that of an RSA key is its modulus. */
export function bitsOf(blob: Buffer): number {
  const type = keyType(blob)
  const curve = /^ecdsa-sha2-nistp(\d+)$/.exec(type)?.[1]
  if (curve !== undefined) return Number(curve)
  if (type !== 'ssh-rsa') return 256
  const modulus = readStrings(blob)?.[2]?.toString('hex').replace(/^0+/, '') ?? ''
  return modulus === '' ? 0 : (modulus.length - 1) * 4 + Number.parseInt(modulus[0] ?? '0', 16).toString(2).length
}
