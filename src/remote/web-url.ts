import { checkHost, splitUser } from './authority.ts'
import { NO_PATH, NOT_UTF8, type Parts, problemWith, type UrlProblem } from './parts.ts'
import { decodePercent } from './percent.ts'

/** git decodes a path only from its first `:` on, where it has one, for it takes what stands before for a scheme (url.c, url_decode_mem). */
const decodePath = (rawPath: string): string | null => {
  const start = /[^/]/.exec(rawPath)?.index ?? rawPath.length
  const decodedFrom = Math.max(start, rawPath.indexOf(':'))
  const decoded = decodePercent(rawPath.slice(decodedFrom))
  if (decoded === null) return null
  const path = `${rawPath.slice(start, decodedFrom)}${decoded}`
  let end = path.length
  while (end > 1 && path[end - 1] === '/') end -= 1
  return path.slice(0, end)
}

/** Parses the rest of a URL after `https://`: the path is kept as it is for the server, and decoded as git's credential helpers see it. */
export const parseWebUrl = (protocol: 'https' | 'http', rest: string): Parts | UrlProblem => {
  if (/\s/u.test(rest)) return problemWith('the URL holds a blank: write `%20`')
  if (/[?#]/.test(rest)) return problemWith('the URL has a query or a fragment; in a user name, password or path write `%3F` and `%23`')
  const slash = rest.indexOf('/')
  const authority = slash < 0 ? rest : rest.slice(0, slash)
  const rawPath = slash < 0 ? '' : rest.slice(slash)
  const at = authority.indexOf('@')
  // If there are two `@`, git takes the first and curl the last; and one in the path may be the end of a password that holds a `/`.
  if (authority.lastIndexOf('@') !== at || /[^/]@/.test(rawPath))
    return problemWith('the URL has an `@` too many: in a user name, password or path write `%40`, and for `/` in a password `%2F`')
  const [, host = '', port = ''] = /^(\[.*\]|[^:]*)(?::(.*))?$/s.exec(authority.slice(at + 1)) ?? []
  const bracketed = host.startsWith('[')
  const { user, password } = splitUser(authority.slice(0, Math.max(0, at)))
  const decoded = { user: decodePercent(user ?? ''), password: decodePercent(password ?? ''), path: decodePath(rawPath) }
  const decodedHost = bracketed ? decodePercent(host.slice(1, -1)) : host
  if (decoded.user === null || decoded.password === null || decoded.path === null || decodedHost === null) return NOT_UTF8
  const checked = checkHost(decodedHost, port, bracketed)
  if ('problem' in checked) return checked
  if (decoded.user.includes(':')) return problemWith('the user of the URL holds a `:`')
  if (decoded.path === '') return NO_PATH
  return {
    ...checked,
    protocol,
    user: decoded.user || null,
    password: decoded.password || null,
    path: decoded.path,
    before: `${protocol}://`,
    userForGit: '',
    after: `${host.toLowerCase()}${checked.port === null ? '' : `:${checked.port}`}${rawPath}`,
  }
}
