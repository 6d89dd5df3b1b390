import type { Parts } from './parts.ts'

/** The address of a server. */
type Address = Pick<Parts, 'protocol' | 'host' | 'port'>

const DEFAULT_PORTS = { ssh: 22, https: 443, http: 80, git: 9418, file: 0 } as const satisfies Record<Address['protocol'], number>

/** Spoken to over HTTP, with or without TLS. */
export const isWeb = ({ protocol }: Pick<Address, 'protocol'>): boolean => protocol === 'https' || protocol === 'http'

/** A host as it stands before a port: an IPv6 address in brackets. */
export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** The host of node's URL, which writes an IPv6 address in brackets. */
export const unbracketed = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

/** Host and port of node's URL for the web, also where the port is that of the protocol. */
export const addressOf = (url: URL): { readonly host: string; readonly port: number } => ({
  host: unbracketed(url.hostname),
  port: Number(url.port || (url.protocol === 'https:' ? DEFAULT_PORTS.https : DEFAULT_PORTS.http)),
})

/** The origin of a web URL: protocol, host, and the port where it is not left to the protocol. */
export const originOf = ({ protocol, host, port }: Address): string => `${protocol}://${bracketed(host)}${port === null ? '' : `:${port}`}`

/** The port of a URL, also where it is that of its protocol and goes without saying. */
export const portOf = ({ protocol, port }: Address): number => port ?? DEFAULT_PORTS[protocol]

/** Whether two URLs have the same protocol, host and port, so that a secret for one may be sent to the other. */
export const isSameServer = (one: Address, other: Address): boolean =>
  one.protocol === other.protocol && one.host === other.host && portOf(one) === portOf(other)
