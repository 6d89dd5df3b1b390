import { webHostOf } from '../remote/forge.ts'
import { endpointOf, isPlainPath } from '../remote/lfs-endpoint.ts'
import { isSameServer, isWeb } from '../remote/server.ts'
import { parseRemoteUrl, RemoteUrl } from '../remote/url.ts'

/**
 * The URL to which a `.lfsconfig` leads downloads: its `lfs.url`, otherwise the `lfsurl` of `origin`, which is the name of a clone's remote. Its
 * `lfs.pushurl` is for uploads alone. No other key that git-lfs takes from this file names a place (config/git_fetcher.go).
 * @returns null where there is none, or where git refuses to read the file
 */
export function readLfsConfig(text: string): string | null {
  const values = readGitConfig(text)
  return values?.get('lfs.url') ?? values?.get('remote.origin.lfsurl') ?? null
}

/** Whether a run may use the URL in a repository's `.lfsconfig`. */
export type LfsConfigUse = 'same-host' | 'other-host' | 'unsafe-path' | 'unusable'

/**
 * Whether the URL in a `.lfsconfig`, which every user with write access can change, leads to the server that the run talks to anyway. Only `same-host` may be
 * followed, and without what stands before an `@` in it.
 *
 * - `same-host`: the protocol, host and port of the remote; for a local repository, its own path. Over SSH also the remote's user, as the login
 *   is for that one alone. A remote over SSH or `git://` may be led to https on its host, at the usual port. The run shows no credentials there, as its
 *   key or password is for the SSH server alone: at most it sends objects to the host that has them. Another port may belong to another user of the host.
 * - `other-host`: another host or port, or another place on this machine; and clear text where the remote is encrypted.
 * - `unsafe-path`: over SSH, another path than the remote's that a shell of the server would not read as itself.
 * - `unusable`: no URL that we take, or one for which there is no login: another user over SSH, or SSH where the remote is not.
 */
export function followLfsConfig(url: string, remote: RemoteUrl): LfsConfigUse {
  const target = parseRemoteUrl(url, { allowInsecureHttp: true })
  if (!(target instanceof RemoteUrl)) return 'unusable'
  if (target.protocol === 'file' || remote.protocol === 'file') {
    const isItself = target.protocol === remote.protocol && endpointOf(target, null) === endpointOf(remote, null)
    return isItself ? 'same-host' : 'other-host'
  }
  if (target.protocol === 'git') return 'unusable'
  if (target.protocol === 'https' && !isWeb(remote)) {
    const web = { protocol: 'https', host: webHostOf(remote), port: null } as const
    return isSameServer(target, web) ? 'same-host' : 'other-host'
  }
  if (target.host !== remote.host) return 'other-host'
  if (target.protocol === 'ssh' && (remote.protocol !== 'ssh' || (target.user !== null && target.user !== remote.user))) return 'unusable'
  if (!isSameServer(target, remote)) return 'other-host'
  return target.protocol === 'ssh' && target.path !== remote.path && !isPlainPath(target.path) ? 'unsafe-path' : 'same-host'
}

/** The meaning of the characters after a backslash within a value (git-config(1), Syntax). */
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', n: '\n', t: '\t', b: '\b' }

/** `[section]`, `[section "subsection"]`, or the old `[section.subsection]`. */
const SECTION = /^\[([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\\n]|\\[^\n])*)")?\]/

const KEY = /^([A-Za-z][A-Za-z0-9-]*)[ \t]*/

/**
 * The values of a file in git-config's syntax, by name: section and key in lower case, the subsection as it is, as in `remote.origin.url`. The last of
 * several counts, and a key without a value does not.
 * @returns null where git refuses to read the file
 */
function readGitConfig(source: string): ReadonlyMap<string, string> | null {
  const values = new Map<string, string>()
  let section = ''
  let rest = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  for (;;) {
    rest = rest.replace(/^(?:[ \t\r\n]+|[#;][^\n]*)+/, '')
    if (rest === '') return values
    const [header, name = '', subsection] = SECTION.exec(rest) ?? []
    if (header !== undefined) {
      section = `${name.toLowerCase()}${subsection === undefined ? '' : `.${subsection.replace(/\\(.)/g, '$1')}`}`
      rest = rest.slice(header.length)
      continue
    }
    const [start, key = ''] = KEY.exec(rest) ?? []
    if (start === undefined) return null
    rest = rest.slice(start.length)
    if (rest === '' || rest.startsWith('\n')) continue
    const value = rest.startsWith('=') ? readValue(rest.slice(1)) : null
    if (value === null) return null
    values.set(`${section}.${key.toLowerCase()}`, value.text)
    rest = value.rest
  }
}

/** A value up to the end of its line, and what comes after; null where git finds a mistake: a quote that does not end, an unknown escape. */
function readValue(source: string): { readonly text: string; readonly rest: string } | null {
  let text = ''
  let blanks = ''
  let quoted = false
  let index = 0
  for (; index < source.length; index++) {
    const char = source.charAt(index)
    if (char === '\n') break
    if (!quoted && /[ \t\r]/.test(char)) {
      // Those at both ends do not count.
      if (text !== '') blanks += char
      continue
    }
    if (!quoted && /[#;]/.test(char)) {
      const end = source.indexOf('\n', index)
      return { text, rest: end < 0 ? '' : source.slice(end) }
    }
    text += blanks
    blanks = ''
    if (char === '"') quoted = !quoted
    else if (char !== '\\') text += char
    else {
      const next = source.charAt(++index)
      if (next === '\n') continue
      const escaped = ESCAPES[next]
      if (escaped === undefined) return null
      text += escaped
    }
  }
  return quoted ? null : { text, rest: source.slice(index) }
}
