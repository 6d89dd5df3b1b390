import { NOT_UTF8, type Parts, problemWith, type UrlProblem } from './parts.ts'
import { decodePercent, encodePath } from './percent.ts'
import { bracketEnd } from './ssh-url.ts'

const UNREADABLE = problemWith('git cannot read a local path that holds `@[` or starts with `[`')

function file(path: string, spelling: string): Parts {
  return { protocol: 'file', host: '', port: null, user: null, password: null, path, before: '', userForGit: '', after: spelling }
}

/** Parses the rest of a URL after `file://`. */
export const parseFileUrl = (rest: string, windows: boolean): Parts | UrlProblem => {
  const decoded = decodePercent(rest)
  if (decoded === null) return NOT_UTF8
  if (bracketEnd(decoded) > 0) return UNREADABLE
  const drive = windows ? /^\/?([A-Za-z]:.*)$/s.exec(decoded)?.[1] : undefined
  if (drive !== undefined) return file(drive, `file://${encodePath(drive)}`)
  const path = decoded.replace(/^localhost(?=\/)/, '')
  if (path.startsWith('/')) return file(path, `file://${encodePath(path)}`)
  // git for Windows means a share; elsewhere git leaves the host out, and the rest is another path than the one that was meant.
  if (windows && /^[\w.-]+\/./.test(path)) return file(`//${path}`, `file://${encodePath(path)}`)
  return problemWith('the URL names a host or a relative path: after `file://` comes an absolute path, as in `file:///srv/x.git`')
}

/** A path, absolute or relative, as git takes it from its command line. */
export const parseLocalPath = (path: string): Parts | UrlProblem => {
  if (bracketEnd(path) > 0) return UNREADABLE
  // More likely a URL that lost its `https://`, and then with a secret in it.
  if (/^[^/\\]+@/.test(path)) return problemWith('the URL has no protocol: write `https://…`, `user@host:path`, or `./…` for a local path')
  return file(path, path)
}
