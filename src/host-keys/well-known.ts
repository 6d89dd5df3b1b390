import { hostName, type KnownHostKey, type KnownKey, matchesHost, type Publication } from './known-hosts.ts'
// Each key is in at least two of its sources, which were written by different people.
import published from './published-keys.json' with { type: 'json' }

/** The entries that identify servers: the given keys or, if none are given, those that well-known providers publish. Withdrawn keys count always. */
export const trustedEntries = (given: readonly KnownHostKey[]): readonly KnownHostKey[] => [
  ...(given.length > 0 ? given : publishedEntries()),
  ...revokedEntries(),
]

/** The keys that providers publish, as known_hosts entries. */
export const publishedEntries = (): readonly KnownKey[] =>
  published.hosts.flatMap(({ provider, docs, hosts, keys }) =>
    keys.map(key => entry(key, { hosts: hosts.join(','), revoked: false, published: { provider, docs, reason: null } })),
  )

/** Keys that their owners withdrew, because others may have the private half: no host may show them. */
export const revokedEntries = (): readonly KnownKey[] =>
  published.revoked.map(({ provider, docs, key, reason }) =>
    entry(key, { hosts: null, revoked: true, published: { provider, docs, reason } }),
  )

function entry({ type, base64 }: Record<'type' | 'base64', string>, rest: Pick<KnownKey, 'hosts' | 'revoked' | 'published'>): KnownKey {
  return { kind: 'key', line: null, type, blob: Buffer.from(base64, 'base64'), ...rest }
}

/** The provider of a host, by the host's name; null for a host that is not well known. */
export function providerOf(host: string, port: number): Pick<Publication, 'provider' | 'docs'> | null {
  const names = [hostName(host, port), host.toLowerCase()]
  return published.hosts.find(({ hosts }) => names.some(name => matchesHost(hosts.join(','), name))) ?? null
}
