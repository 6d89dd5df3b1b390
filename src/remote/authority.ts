import { type Parts, problemWith, type UrlProblem } from './parts.ts'

export type Authority = Pick<Parts, 'user' | 'password' | 'host' | 'port'>

/** `user` or `user:password`; what is missing is null. */
export const splitUser = (text: string): Pick<Authority, 'user' | 'password'> => {
  const colon = text.indexOf(':')
  return colon < 0 ? { user: text, password: null } : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** The address without its zone, which alone is case-sensitive (RFC 4007). */
const splitZone = (host: string): [string, string] => {
  const percent = host.indexOf('%')
  return percent < 0 ? [host, ''] : [host.slice(0, percent), host.slice(percent)]
}

const isIpv6 = (host: string): boolean => {
  const [address, zone] = splitZone(host)
  return address.includes(':') && /^[0-9A-Fa-f:.]+$/.test(address) && /^(?:%[\w.-]+)?$/.test(zone) && URL.canParse(`http://[${address}]/`)
}

const OF_URL = ' of the URL'

const problemOfHost = (host: string, bracketed: boolean, whose: string): UrlProblem | null => {
  if (host === '') return problemWith('the URL has no host')
  if (host.startsWith('-')) return problemWith(`the host${whose} starts with \`-\``)
  if (isIpv6(host)) return null
  // Names beyond ASCII look alike too easily; their xn-- form says which one is meant.
  if (!bracketed && /^[A-Za-z0-9._-]+$/.test(host)) return null
  return problemWith(`the host${whose} is neither a name of ASCII letters, digits, \`.\`, \`-\` and \`_\` nor an IP address`)
}

/** Host and port, checked. `bracketed`: the host stood in brackets, so that it must be an IPv6 address. */
export function checkHost(host: string, port: string, bracketed: boolean, whose = OF_URL): UrlProblem | Pick<Authority, 'host' | 'port'> {
  const problem = problemOfHost(host, bracketed, whose)
  if (problem !== null) return problem
  const number = port === '' ? null : Number(port)
  if (number !== null && !(/^\d+$/.test(port) && number >= 1 && number <= 65535))
    return problemWith(`the port${whose} is not a number from 1 to 65535`)
  const [address, zone] = splitZone(host)
  return { host: `${address.toLowerCase()}${zone}`, port: number }
}

/** `[user[:password]@]host[:port]` of an ssh URL, split like git (connect.c, get_host_and_port): brackets may hold user and port. */
export const parseSshAuthority = (text: string, whose = OF_URL): Authority | UrlProblem => {
  const brackets = /^(.*@)?\[([^[\]]*)\](?::([^:]*))?$/s.exec(text)
  const plain = brackets === null ? text : `${brackets[1] ?? ''}${brackets[2]}`
  const at = plain.lastIndexOf('@')
  const rest = plain.slice(at + 1)
  const outerPort = brackets?.[3] ?? ''
  const colon = outerPort !== '' || isIpv6(rest) ? -1 : rest.indexOf(':')
  const checked = checkHost(colon < 0 ? rest : rest.slice(0, colon), colon < 0 ? outerPort : rest.slice(colon + 1), false, whose)
  if ('problem' in checked) return checked
  return at < 0 ? { user: null, password: null, ...checked } : { ...splitUser(plain.slice(0, at)), ...checked }
}
