import { algorithmsOf, HOST_KEY_ALGORITHMS, type HostKeyAlgorithm, keyType, md5Fingerprint, sha256Fingerprint } from '../keys/public-key.ts'
import { type KnownHostKey, matchingEntries } from './known-hosts.ts'

/** A server, and the entries to check it against. */
export interface HostQuery {
  readonly entries: readonly KnownHostKey[]
  readonly host: string
  readonly port: number
}

/** `changed`: another key of its type, or another fingerprint, is known for the host. `other-type`: only keys of other types are known. */
export type HostKeyVerdict = 'trusted' | 'revoked' | 'changed' | 'other-type' | 'unknown'

/** A host key that was offered and not trusted. */
export interface Refusal {
  readonly verdict: Exclude<HostKeyVerdict, 'trusted'>
  readonly offered: Buffer
}

/** Judges a host key by the entries for the host. One entry that matches is enough; a revoked entry overrides all others. */
export function verifyHostKey({ entries, host, port, offered }: HostQuery & { readonly offered: Buffer }): HostKeyVerdict {
  const type = keyType(offered)
  const matching = matchingEntries(entries, host, port)
  const same = matching.filter(entry => isKey(entry, offered))
  const known = matching.filter(entry => !entry.revoked)
  if (same.some(entry => entry.revoked)) return 'revoked'
  if (same.length > 0) return 'trusted'
  if (known.length === 0) return 'unknown'
  return known.some(entry => entry.kind === 'fingerprint' || entry.type === type) ? 'changed' : 'other-type'
}

/** Whether an entry is this very key, or its fingerprint. */
export function isKey(entry: KnownHostKey, offered: Buffer): boolean {
  if (entry.kind === 'key') return entry.blob.equals(offered)
  return entry.fingerprint === (entry.hash === 'MD5' ? md5Fingerprint(offered) : sha256Fingerprint(offered))
}

/**
 * The host key algorithms to ask for, most wanted first, so that a server shows a key that can be compared. First those of the known keys' types;
 * then all others if only a fingerprint is known, whose type is unknown. All if nothing is known.
 * Empty where only types are known that cannot be asked for (certificates, security keys).
 */
export function wantedAlgorithms({ entries, host, port }: HostQuery): readonly HostKeyAlgorithm[] {
  const known = matchingEntries(entries, host, port).filter(entry => !entry.revoked)
  if (known.length === 0) return HOST_KEY_ALGORITHMS
  const first = algorithmsOf(known.flatMap(entry => (entry.kind === 'key' ? [entry.type] : [])))
  return known.some(entry => entry.kind === 'fingerprint') ? [...first, ...HOST_KEY_ALGORITHMS.filter(one => !first.includes(one))] : first
}

/**
 * The algorithms to ask for after an answer that is no trusted key; empty: give up. After a refused key come the server's other types if
 * bare keys or fingerprints are known, as the known key may be of any of them. If no type was in common, all others, to learn what there is.
 * @param tried what the server has answered for
 */
export function nextAlgorithms(query: HostQuery, tried: readonly HostKeyAlgorithm[], refusals: readonly Refusal[]): HostKeyAlgorithm[] {
  const untried = (algorithms: readonly HostKeyAlgorithm[]) => algorithms.filter(one => !tried.includes(one))
  const last = refusals.at(-1)
  if (last === undefined) return untried(HOST_KEY_ALGORITHMS)
  const anyHost = matchingEntries(query.entries, query.host, query.port).some(entry => entry.hosts === null && !entry.revoked)
  return anyHost && last.verdict === 'changed' ? untried(wantedAlgorithms(query)) : []
}
