import { BlockList } from 'node:net'
import { Failure } from '../errors/failure.ts'
import { addressOf, unbracketed } from '../remote/server.ts'
import { orElse } from '../tasks/or-else.ts'

/** An HTTP proxy that is asked to CONNECT. */
export interface HttpProxy {
  /** The way to the proxy itself is encrypted, too. */
  readonly secure: boolean
  /** IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** `user:password`, decoded; null if missing. */
  readonly login: string | null
}

/**
 * The proxy for a server, or null. Reads the environment as curl does, and so git: the lower-case name of a variable comes first, and an empty one counts
 * as none. `HTTP_PROXY` in upper case never counts, as a CGI program would get it from a request's header.
 * @throws Failure `relay-impossible` for a proxy that only git can use, `settings-invalid` for one that cannot be read
 */
export function proxyFor(url: URL, environment: NodeJS.ProcessEnv): HttpProxy | null {
  const names = url.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy']
  const name = [...names, 'all_proxy', 'ALL_PROXY'].find(one => environment[one])
  if (name === undefined || isExempt(url, environment['no_proxy'] || environment['NO_PROXY'] || '')) return null
  const proxy = parseProxy(name, environment[name] ?? '')
  if (url.protocol === 'https:') return proxy
  throw new Failure('relay-impossible', `requests without TLS through the proxy of \`${name}\` need git`)
}

function parseProxy(name: string, text: string): HttpProxy {
  const [, scheme = 'http', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(text.trim()) ?? []
  const kind = scheme.toLowerCase()
  if (/^socks/.test(kind)) throw new Failure('relay-impossible', `the SOCKS proxy of \`${name}\` needs git`)
  if (kind !== 'http' && kind !== 'https')
    throw new Failure('settings-invalid', `the protocol of the proxy in \`${name}\` is not supported`)
  // With a scheme of no meaning, so that a port is kept even where it is the usual one of http.
  const url = URL.canParse(`proxy://${rest}`) ? new URL(`proxy://${rest}`) : null
  if (url === null || url.hostname === '') throw new Failure('settings-invalid', `the proxy in \`${name}\` is no URL`)
  const user = decode(url.username)
  return {
    secure: kind === 'https',
    host: unbracketed(url.hostname).toLowerCase(),
    // curl's own defaults.
    port: url.port === '' ? (kind === 'https' ? 443 : 1080) : Number(url.port),
    login: user === '' && url.password === '' ? null : `${user}:${decode(url.password)}`,
  }
}

const decode = (text: string): string => orElse(text, () => decodeURIComponent(text))

/** Whether `NO_PROXY` names the server: `*`, a name with all below it (with or without a dot in front), an address or a range of them; also with a port. */
function isExempt(url: URL, list: string): boolean {
  const { host, port } = addressOf(url)
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .some(entry => {
      // Two colons are an IPv6 address.
      const [, name = '', onlyPort] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? ['', entry]
      if (onlyPort !== undefined && Number(onlyPort) !== port) return false
      return covers(unbracketed(name), host.replace(/\.$/, ''))
    })
}

function covers(entry: string, host: string): boolean {
  if (entry === '*') return true
  const [address = '', bits] = entry.split('/')
  if (bits !== undefined) return isInRange(host, address, Number(bits))
  const name = entry.replace(/^\*?\./, '').replace(/\.$/, '')
  if (name === '') return false
  // An address is the whole or nothing.
  return host === name || (!/^[\d.]+$|:/.test(host) && host.endsWith(`.${name}`)) || sameAddress(host, name)
}

/** One spelling of an IPv6 address for all. */
const sameAddress = (host: string, name: string): boolean =>
  name.includes(':') && URL.canParse(`http://[${name}]`) && new URL(`http://[${name}]`).hostname === `[${host}]`

/** Whether an address is in a range of its own family; false for what is none. */
const isInRange = (host: string, address: string, bits: number): boolean =>
  orElse(false, () => {
    const family = address.includes(':') ? 'ipv6' : 'ipv4'
    const range = new BlockList()
    range.addSubnet(address, bits, family)
    return range.check(host, family)
  })
