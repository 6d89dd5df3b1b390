import { parseSshAuthority } from './authority.ts'
import { NO_PATH, NOT_UTF8, type Parts, problemWith, type UrlProblem } from './parts.ts'
import { decodePercent, encodePath } from './percent.ts'
import { bracketed } from './server.ts'

/** The index from which git looks for the path: in `[…]`, at the start or behind an `@`, the separator does not count (connect.c, host_end). */
export const bracketEnd = (text: string): number => {
  const start = text.indexOf('@[') + 1
  return text[start] === '[' ? Math.max(0, text.indexOf(']', start)) : 0
}

/** git drops what stands before a `~` in the second place, which is meant for `/~user` (connect.c, parse_connect_url). */
const homePath = (path: string): string => (path[1] === '~' ? path.slice(1) : path)

/** Parses the rest of a URL after `ssh://` or `git://`. git decodes it before it looks for user, host and path, so that order is kept. */
export const parseConnectUrl = (protocol: 'ssh' | 'git', rest: string): Parts | UrlProblem => {
  if (/\s/u.test(rest)) return problemWith('the URL holds a blank: write `%20`')
  const decoded = decodePercent(rest)
  const rawAuthority = decodePercent(rest.split('/', 1)[0] ?? '')
  if (decoded === null || rawAuthority === null) return NOT_UTF8
  if (rawAuthority.includes('/')) return problemWith('the user or host of the URL holds a `/`, with which the path would begin')
  const slash = decoded.indexOf('/', bracketEnd(decoded))
  const authority = parseSshAuthority(slash < 0 ? decoded : decoded.slice(0, slash))
  if ('problem' in authority) return authority
  if (slash < 0) return NO_PATH
  const { user, host, port } = authority
  const path = homePath(decoded.slice(slash))
  return {
    ...authority,
    protocol,
    path,
    before: `${protocol}://`,
    userForGit: user === null ? '' : `${encodeURIComponent(user)}@`,
    after: `${bracketed(encodePath(host))}${port === null ? '' : `:${port}`}${path.startsWith('~') ? '/' : ''}${encodePath(path)}`,
  }
}

/** `[user@]host:path`, in which nothing is percent-encoded. */
export const parseScpStyle = (text: string): Parts | UrlProblem => {
  const colon = text.indexOf(':', bracketEnd(text))
  if (colon < 0) return NO_PATH
  const rawPath = text.slice(colon + 1)
  // `user:password@host:path`: git would connect to the host `user`, and the password would be printed as a part of the path.
  if (!text.slice(0, colon).includes('@') && /^[^/]+@/.test(rawPath))
    return problemWith('what stands before the `@` of the URL looks like a password: write `user@host:path`')
  const authority = parseSshAuthority(text.slice(0, colon))
  if ('problem' in authority) return authority
  if (authority.password !== null) return problemWith('the user of the URL holds a `:`')
  const { user, host, port } = authority
  const path = homePath(rawPath)
  const shownHost = port === null ? bracketed(host) : `[${host}:${port}]`
  return {
    ...authority,
    protocol: 'ssh',
    path,
    before: '',
    userForGit: user === null ? '' : `${user}@`,
    // Without the slash git would shorten `~~x` once more.
    after: `${shownHost}:${path.startsWith('~') ? '/' : ''}${path}`,
  }
}
