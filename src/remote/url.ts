import { URL_CHARACTERS } from '../limits/limits.ts'
import { parseFileUrl, parseLocalPath } from './file-url.ts'
import { type Parts, type Protocol, problemWith, type UrlProblem } from './parts.ts'
import { parseConnectUrl, parseScpStyle } from './ssh-url.ts'
import { FORGE_TOKEN } from './token.ts'
import { parseWebUrl } from './web-url.ts'

export type { Protocol, UrlProblem }

export interface UrlOptions {
  /** `http://` and `git://` are taken, too: anyone on the network path can change what they carry. */
  readonly allowInsecureHttp: boolean
  /** `C:\x` and `C:/x` are local paths, as for git for Windows; elsewhere they are paths on the host `c`. */
  readonly windows?: boolean
}

// A word this long that mixes letters with digits is more likely a token than a name.
const RANDOM = /^(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}$/

/** The user of such a URL may be a token: only over SSH every login has a name. */
const isLogin = (protocol: Protocol): boolean => protocol !== 'ssh'

const secretOf = ({ protocol, user, password }: Parts): string | null => {
  const mayBeToken = isLogin(protocol) && user !== null && (FORGE_TOKEN.test(user) || RANDOM.test(user))
  // GitHub's documents once put the word `x-oauth-basic` in the password's place, next to a token.
  return mayBeToken && (password === null || password === 'x-oauth-basic') ? user : password
}

const userForPeople = ({ protocol, user, password, userForGit }: Parts): string => {
  if (user === null && password === null) return ''
  if (isLogin(protocol) || user === null || FORGE_TOKEN.test(user)) return '***@'
  return password === null ? userForGit : userForGit.replace(/@$/, ':***@')
}

/** The address of a repository. However it is printed, it shows no secret. */
export class RemoteUrl {
  readonly protocol: Protocol
  /** Lower case, IPv6 without brackets; empty for a file. */
  readonly host: string
  /** From 1 to 65535; null where the URL names none, so that the protocol's own holds. */
  readonly port: number | null
  /** Decoded. In an https URL it may be a token: not for printing. */
  readonly user: string | null
  /** ssh and git: as git hands it to the server. https: decoded, without slashes at both ends, as git hands it to credential helpers. file: the local path. */
  readonly path: string
  readonly #secret: string | null
  readonly #forGit: string
  readonly #forPeople: string

  constructor(parts: Parts) {
    this.protocol = parts.protocol
    this.host = parts.host
    this.port = parts.port
    this.user = parts.user
    this.path = parts.path
    this.#secret = secretOf(parts)
    this.#forGit = `${parts.before}${parts.userForGit}${parts.after}`
    this.#forPeople = `${parts.before}${userForPeople(parts)}${parts.after}`
  }

  /** A password or a token stood in the URL. */
  get hasSecret(): boolean {
    return this.#secret !== null
  }

  /** The password of the URL, decoded; or its user, where that is a token without a password of its own (`https://TOKEN@host/…`). */
  secret(): string | null {
    return this.#secret
  }

  /** The spelling for git, which reads the same host, port and path from it; ssh: without the password. https: without user and password. */
  toGit(): string {
    return this.#forGit
  }

  /** The spelling for people: `***` for a password, and for every user of an https URL, as that may be a token. */
  toString(): string {
    return this.#forPeople
  }

  toJSON(): string {
    return this.#forPeople
  }

  /** The text that `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.#forPeople
  }
}

// Line ends and control characters can forge lines of a log or protocol, bidirectional marks make a URL read as another one.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u

const CONTROL = problemWith('the URL holds a control character')

const problemOf = ({ protocol, user, password, path }: Parts): UrlProblem | null => {
  if ([user ?? '', password ?? '', path].some(part => UNPRINTABLE.test(part))) return CONTROL
  if (/\s/u.test(user ?? '')) return problemWith('the user of the URL holds a blank')
  if (protocol !== 'https' && protocol !== 'http' && /[/[\]]/.test(user ?? ''))
    return problemWith('the user of the URL holds a `/` or a bracket')
  if (/[^\S ]/u.test(path)) return problemWith('the path of the URL holds a blank other than a space')
  if (user === '') return problemWith('the user of the URL is empty')
  if (user?.startsWith('-')) return problemWith('the user of the URL starts with `-`')
  if (path === '') return problemWith('the URL has no path')
  if (path.startsWith('-') && protocol === 'ssh') return problemWith('the path of the URL starts with `-`')
  return null
}

const ALLOWED = '`ssh://`, `user@host:path`, `https://`, `file://` or a local path'

const parseProtocol = (protocol: string, rest: string, options: UrlOptions): Parts | UrlProblem => {
  switch (protocol) {
    case 'ssh':
    case 'git+ssh':
    case 'ssh+git':
      return parseConnectUrl('ssh', rest)
    case 'https':
      return parseWebUrl('https', rest)
    case 'http':
      if (options.allowInsecureHttp) return parseWebUrl('http', rest)
      return problemWith('`http://` sends everything in clear text: use `https://`, or set `allow-insecure-http` to `true`')
    case 'git':
      if (options.allowInsecureHttp) return parseConnectUrl('git', rest)
      return problemWith(
        'anyone on the network path can change what `git://` carries: use `https://`, or set `allow-insecure-http` to `true` to read from it',
      )
    case 'file':
      return parseFileUrl(rest, options.windows ?? false)
    default:
      // Only what can be nothing but a protocol is repeated.
      if (/^[A-Z+]{2,8}$/.test(protocol)) return problemWith('the protocol of the URL must be written in lower case')
      return problemWith(
        `the protocol ${/^[a-z+]{2,8}$/.test(protocol) ? `\`${protocol}://\`` : 'of the URL'} is not supported: use ${ALLOWED}`,
      )
  }
}

const parseParts = (text: string, options: UrlOptions): Parts | UrlProblem => {
  if (text === '') return problemWith('the URL is empty')
  if (text.length > URL_CHARACTERS) return problemWith(`the URL has more than ${URL_CHARACTERS} characters`)
  if (UNPRINTABLE.test(text)) return CONTROL
  if (text.startsWith('-')) return problemWith('the URL starts with `-`')
  const [, protocol, rest] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(text) ?? []
  if (protocol !== undefined && rest !== undefined) return parseProtocol(protocol, rest, options)
  if (text.includes('://')) return problemWith(`what stands before the \`://\` of the URL is no protocol: use ${ALLOWED}`)
  // git would start the program `git-remote-<name>`.
  if (/^(?:[A-Za-z][A-Za-z0-9+.-]*)?::/.test(text)) return problemWith(`the URL names a remote helper with \`::\`: use ${ALLOWED}`)
  if (options.windows === true && /^[A-Za-z]:/.test(text)) return parseLocalPath(text)
  // A colon before the first slash makes a host (connect.c, url_is_local_not_ssh).
  return /^[^/]*:/.test(text) ? parseScpStyle(text) : parseLocalPath(text)
}

/**
 * Reads a URL as git does; blanks around it do not count. Nothing is resolved or looked up.
 *
 * Refused, although some git may take it:
 * - everything but ssh (also `git+ssh://`, `ssh+git://`), scp-style, https, http, `git://`, `file://` and local paths: `ftp://`, `helper::address`
 * - URL, host, user or ssh path that start with `-`
 * - control characters, line ends and marks for the text direction, also percent-encoded (git leaves `%00` as it is), and bytes that are no UTF-8
 * - blanks in user and host; in a path only spaces are taken, percent-encoded in `ssh://` and `https://`
 * - hosts with other characters than ASCII letters, digits, `.`, `-`, `_`, or text next to their brackets
 * - port 0, signs and blanks in a port; a port out of range, which git would leave in the host
 * - an empty user of an ssh URL; `/` or brackets in one; `:` in one where it does not begin a password
 * - `%2F` in the user or host of an ssh URL, with which git begins the path
 * - scp-style `user:password@host:path`, which git sends to the host `user`
 * - in https: an empty path, query, fragment, a second `@`, an `@` within the path, percent-encoding in the host
 * - `file://host/path`, where git leaves the host out (taken for `localhost`, and for Windows shares), and `file://relative`
 * - local paths with `@[…]` or `[…]` at the start, which git cuts, and `x@y` in the first part of a relative path (`./x@y` is taken)
 *
 * Read otherwise than git does: in `ssh://user:password@host:22/…` git takes `user:password` for the user, and the port for a part of
 * the host. Host names get lower case. On Windows `file:///C:/x` is the path `C:/x`.
 */
export const parseRemoteUrl = (text: string, options: UrlOptions): RemoteUrl | UrlProblem => {
  const parts = parseParts(text.trim(), options)
  if ('problem' in parts) return parts
  return problemOf(parts) ?? new RemoteUrl(parts)
}
