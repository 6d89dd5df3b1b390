import { looksLikePrivateKey } from '../credentials/private-key.ts'
import type { Kind } from '../errors/kinds.ts'
import { parseRemoteUrl, type RemoteUrl } from '../remote/url.ts'
import type { InputName, RawInputs } from './inputs.ts'
import type { Remote } from './settings.ts'
import { quoted } from './values.ts'

/** What a run is told besides its inputs. */
export interface SettingsContext {
  /** Web address of the server of the run (GITHUB_SERVER_URL); null on a command line. */
  readonly serverUrl: string | null
  /** What the user called each input: `remote-url`, or `TO` on a command line. */
  readonly nameOf: (input: InputName) => string
  /** Makes a local path absolute: git runs in another directory. */
  readonly resolvePath: (path: string) => string
  /** Whether `C:\\x` is a path. */
  readonly windows: boolean
  /** Whether a token can be the one that the runner made for this run. It belongs to the server of the run, and is the input's default everywhere. */
  readonly isTokenOfRun: (token: string) => boolean
}

/** Where problems and warnings go. */
export interface Notes {
  readonly problem: (input: InputName, text: string, kind?: Kind) => void
  readonly warn: (text: string) => void
}

/** The mirror's side; null when its URL is missing or cannot be used, which is noted. */
export function readThere(raw: RawInputs, context: SettingsContext, notes: Notes, allowInsecureHttp: boolean): Remote | null {
  const text = raw['remote-url']?.trim() ?? ''
  if (text === '') {
    notes.problem('remote-url', 'is missing; give the URL of the mirror, e.g. ssh://git@example.com/group/project.git')
    return null
  }
  const source: Source = { input: 'remote-url', secretInput: 'auth-secret', text, username: raw.username?.trim() ?? '', allowInsecureHttp }
  return readRemote(source, raw, context, notes)
}

/** The side of the run's repository; null when it is missing or cannot be used, which is noted. */
export function readHere(raw: RawInputs, context: SettingsContext, notes: Notes, allowInsecureHttp: boolean): Remote | null {
  const url = sourceUrl(raw, context, notes)
  if (url === null) return null
  return withoutForeignToken(
    readRemote({ ...url, secretInput: 'token', username: '', allowInsecureHttp }, raw, context, notes),
    context,
    notes,
  )
}

interface Source {
  readonly input: InputName
  readonly text: string
  readonly secretInput: 'auth-secret' | 'token'
  /** Given by the user for where the URL names none; empty = none. */
  readonly username: string
  readonly allowInsecureHttp: boolean
}

function readRemote(source: Source, raw: RawInputs, context: SettingsContext, notes: Notes): Remote | null {
  const { input, text, secretInput, username, allowInsecureHttp } = source
  const options = { allowInsecureHttp, windows: context.windows }
  const asGiven = parseRemoteUrl(text, options)
  const isPath = !('problem' in asGiven) && asGiven.protocol === 'file' && !text.startsWith('file://')
  const url = isPath ? parseRemoteUrl(context.resolvePath(text), options) : asGiven
  if ('problem' in url) {
    notes.problem(input, url.problem)
    return null
  }
  const given = raw[secretInput] ?? ''
  const secret = given.trim() === '' ? url.secret() : given
  if (url.hasSecret) notes.warn(`${context.nameOf(input)}: the URL holds credentials; put them in ${context.nameOf(secretInput)} instead`)
  if (url.protocol === 'ssh') checkSshSecret(secret, secretInput, notes)
  else if (secret !== null && looksLikePrivateKey(secret)) {
    notes.problem(secretInput, `is an SSH private key, but the URL ${url} is not an ssh URL; give a token or password, or an ssh URL`)
  }
  // A token that stands in the user's place is no name.
  const user = url.user === url.secret() ? null : url.user
  return { url, username: user ?? usernameFor(url, username), secret, passphrase: raw['ssh-key-passphrase'] || null }
}

function checkSshSecret(secret: string | null, input: InputName, { problem }: Notes): void {
  if (secret === null) problem(input, 'is missing: an ssh URL needs a private key', 'credentials-missing')
  else if (!looksLikePrivateKey(secret)) problem(input, 'is not a private key, which an ssh URL needs', 'secret-not-a-key')
}

/** The token of the run is for the server of the run alone: another host would only learn it. There the URL's own credentials count, if any. */
function withoutForeignToken(remote: Remote | null, { serverUrl, isTokenOfRun }: SettingsContext, { warn }: Notes): Remote | null {
  if (remote === null || remote.secret === null || remote.url.protocol === 'ssh' || remote.url.protocol === 'file' || serverUrl === null)
    return remote
  if (!isTokenOfRun(remote.secret)) return remote
  const server = new URL(serverUrl)
  const port = server.port === '' ? null : Number(server.port)
  const isOurs =
    remote.url.host === server.hostname.replace(/^\[|\]$/g, '') && remote.url.port === port && `${remote.url.protocol}:` === server.protocol
  if (isOurs) return remote
  if (!remote.url.hasSecret) warn(`the token of the run was not sent to "${remote.url.host}": it is for ${server.host} alone`)
  return { ...remote, secret: remote.url.secret() }
}

/** Where the repository of the run is: its URL, or `owner/name` on the server of the run. */
function sourceUrl(raw: RawInputs, { serverUrl }: SettingsContext, { problem }: Notes): Pick<Source, 'input' | 'text'> | null {
  const url = raw['repository-url']?.trim()
  if (url) return { input: 'repository-url', text: url }
  const repository = raw.repository?.trim()
  if (!repository || serverUrl === null) {
    problem('repository', 'is missing; give owner/name, or a URL in repository-url')
    return null
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    problem('repository', `must be owner/name, not ${quoted(repository)}; a URL goes into repository-url`)
    return null
  }
  return { input: 'repository', text: `${serverUrl.replace(/\/+$/, '')}/${repository}.git` }
}

/** What each forge expects as the user name next to a token. */
function usernameFor({ protocol, host }: RemoteUrl, given: string): string {
  if (given !== '') return given
  if (protocol === 'ssh') return 'git'
  if (/(?:^|\.)gitlab\./.test(host)) return 'oauth2'
  return /(?:^|\.)bitbucket\.org$/.test(host) ? 'x-token-auth' : 'x-access-token'
}
