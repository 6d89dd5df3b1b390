import type { RemoteUrl } from './url.ts'

/** What leads to a server. */
type Address = Pick<RemoteUrl, 'protocol' | 'host' | 'port'>

const DEFAULT_PORTS = { ssh: 22, https: 443, http: 80, file: 0 } as const satisfies Record<Address['protocol'], number>

/** The port of a URL, also where it is that of its protocol and goes without saying. */
export const portOf = ({ protocol, port }: Address): number => port ?? DEFAULT_PORTS[protocol]

/** Whether what is meant for the server of one URL may be shown to that of the other: the same protocol, host and port. */
export const isSameServer = (one: Address, other: Address): boolean =>
  one.protocol === other.protocol && one.host === other.host && portOf(one) === portOf(other)
