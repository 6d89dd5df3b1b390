import { problemOfSshSecret, problemOfWebSecret } from '../credentials/secret-problem.ts'
import { usualUsername } from '../credentials/usernames.ts'
import type { Kind } from '../errors/kinds.ts'
import { isEncrypted, looksLikeKey, mendPrivateKey } from '../keys/private-key.ts'
import { missingOwner } from '../remote/forge.ts'
import { decodePercent } from '../remote/percent.ts'
import { originOf } from '../remote/server.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { SettingsContext } from './context.ts'
import type { InputName, RawInputs } from './inputs.ts'
import type { Remote } from './settings.ts'
import { parseUrl } from './url.ts'
import { quoted } from './values.ts'

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
  const source: Source = { input: 'remote-url', secretInput: 'auth-secret', text, username: givenUsername(raw), allowInsecureHttp }
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
  const { input, text, secretInput, allowInsecureHttp } = source
  const url = parseUrl(text, context, allowInsecureHttp)
  if ('problem' in url) {
    notes.problem(input, url.problem)
    return null
  }
  const owner = missingOwner(url)
  if (owner !== null) notes.problem(input, owner)
  const given = raw[secretInput] ?? ''
  const secret = secretFor(url, given.trim() === '' ? url.secret() : given, source, context, notes)
  if (url.hasSecret) notes.warn(`${context.nameOf(input)}: the URL holds credentials; put them in ${context.nameOf(secretInput)} instead`)
  const agentSocket = url.protocol === 'ssh' && secret === null ? context.agentSocket : null
  if (url.protocol === 'ssh') checkSshSecret({ secret, agentSocket, given: given.trim() !== '' }, secretInput, context, notes)
  else if (secret !== null && url.protocol !== 'file') checkWebSecret(secret, url, secretInput, notes)
  const login = usernameFor(url, secret, source, notes)
  const passphrase = raw['ssh-key-passphrase'] || null
  if (passphrase !== null && input === 'remote-url' && secret !== null && looksLikeKey(secret) && !isEncrypted(mendPrivateKey(secret)))
    notes.warn(`${context.nameOf('ssh-key-passphrase')}: is of no use, as the private key is not encrypted`)
  return { url, username: login, secret, passphrase, agentSocket }
}

/** Over SSH a token of the run is of no use, and a stranger would learn it as a password. */
function secretFor(url: RemoteUrl, secret: string | null, { input }: Source, context: SettingsContext, { warn }: Notes): string | null {
  if (url.protocol !== 'ssh' || input === 'remote-url' || secret === null || !context.isTokenOfRun(secret.trim())) return secret
  if (looksLikeKey(secret)) return secret
  if (!url.hasSecret) warn(`the token of the run was not sent to "${url.host}": it is no SSH password`)
  return url.secret()
}

/** Everything that could log in over SSH, where nothing does. */
const THREE_WAYS = 'an ssh URL needs a private key, a password, or an SSH agent (the variable SSH_AUTH_SOCK)'

interface SshSecret {
  readonly secret: string | null
  readonly agentSocket: string | null
  /** There was one, but it was the token of the run. */
  readonly given: boolean
}

function checkSshSecret({ secret, agentSocket, given }: SshSecret, input: InputName, { run }: SettingsContext, { problem }: Notes): void {
  if (secret === null) {
    const what = given ? 'is the token of the run, which is no SSH password' : 'is missing'
    // The runner gives nothing for a secret that does not exist, and says nothing.
    const where = run?.secretsPage ? `; secrets are stored at ${run.secretsPage}` : ''
    if (agentSocket === null) problem(input, `${what}: ${THREE_WAYS}${where}`, 'credentials-missing')
    return
  }
  const text = problemOfSshSecret(secret)
  if (text !== null) problem(input, text, 'secret-not-a-key')
}

export function checkWebSecret(secret: string, url: RemoteUrl, input: InputName, { problem }: Notes): void {
  const text = problemOfWebSecret(secret)
  if (text === null) return
  problem(input, looksLikeKey(secret) ? `${text}, but the URL ${url} is not an ssh URL; give a token or password, or an ssh URL` : text)
}

/** `%40` and the like are decoded, as in a URL: that is how people know such a name from there. */
const givenUsername = (raw: RawInputs): string => {
  const text = raw.username?.trim() ?? ''
  return decodePercent(text) ?? text
}

/** The URL's own user, else the one that the user gave, else what the forge expects. */
export function usernameFor(
  url: RemoteUrl,
  secret: string | null,
  { input, username: given }: Pick<Source, 'input' | 'username'>,
  { problem }: Notes,
): string {
  // A token that stands in the user's place is no name.
  const inUrl = url.user === url.secret() ? null : url.user
  const username = inUrl ?? given
  const where: InputName = input === 'remote-url' ? 'username' : input
  if (username !== '') {
    if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(username)) problem(where, 'must be one user name, without line ends and control characters')
    // RFC 7617: what stands before the first colon is the user.
    else if (username.includes(':') && /^https?$/.test(url.protocol))
      problem(where, 'must not hold a colon: a password or token goes into `auth-secret`')
    return username
  }
  if (url.protocol === 'ssh') {
    if (/^git-codecommit\./.test(url.host)) problem(where, 'is missing: CodeCommit takes the SSH key ID (APKA…) as the user of an ssh URL')
    return 'git'
  }
  if (url.protocol === 'file') return ''
  const usual = usualUsername(url, secret)
  if ('username' in usual) return usual.username
  problem(where, usual.problem)
  return ''
}

/** The token of the run is for the server of the run alone: another host would only learn it. There the URL's own credentials count, if any. */
function withoutForeignToken(remote: Remote | null, { serverUrl, isTokenOfRun }: SettingsContext, { warn }: Notes): Remote | null {
  if (remote === null || remote.secret === null || remote.url.protocol === 'ssh' || remote.url.protocol === 'file' || serverUrl === null)
    return remote
  if (!isTokenOfRun(remote.secret)) return remote
  const server = new URL(serverUrl)
  if (originOf(remote.url) === server.origin) return remote
  if (!remote.url.hasSecret) warn(`the token of the run was not sent to "${remote.url.host}": it is for ${server.host} alone`)
  return { ...remote, secret: remote.url.secret() }
}

/** Where the repository of the run is: its URL, or `owner/name` on the server of the run. */
function sourceUrl(raw: RawInputs, { serverUrl }: SettingsContext, { problem }: Notes): Pick<Source, 'input' | 'text'> | null {
  const url = raw['repository-url']?.trim()
  if (url) return { input: 'repository-url', text: url }
  const repository = raw.repository?.trim()
  if (repository && serverUrl === null) {
    problem('repository', 'is a name on the server of a run, and this is none: give a URL in repository-url')
    return null
  }
  if (!repository || serverUrl === null) {
    if (serverUrl === null) problem('repository-url', 'is missing; give the URL of a repository')
    else problem('repository', 'is missing; give owner/name, or a URL in repository-url')
    return null
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    problem('repository', `must be owner/name, not ${quoted(repository)}; a URL goes into repository-url`)
    return null
  }
  return { input: 'repository', text: `${serverUrl.replace(/\/+$/, '')}/${repository}.git` }
}
