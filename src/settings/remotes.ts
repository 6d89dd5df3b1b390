import { AUTH_SCHEMES, type AuthScheme } from '../credentials/authorization.ts'
import { problemOfSshSecret, problemOfWebSecret } from '../credentials/secret-problem.ts'
import { usualUsername } from '../credentials/usernames.ts'
import { isEncrypted, looksLikeKey, mendPrivateKey } from '../keys/private-key.ts'
import { missingOwner, publicForge } from '../remote/forge.ts'
import { decodePercent } from '../remote/percent.ts'
import { isSameServer, isWeb, originOf } from '../remote/server.ts'
import { parseRemoteUrl, type RemoteUrl } from '../remote/url.ts'
import type { SettingsContext } from './context.ts'
import type { InputName, RawInputs } from './inputs.ts'
import type { Notes, Reading } from './problems.ts'
import type { Remote } from './settings.ts'
import { parseChoice, quoted } from './values.ts'

/** The side `there`; null if its URL is missing or cannot be used, which is reported. */
export function readThere(raw: RawInputs, context: SettingsContext, reading: Reading): Remote | null {
  const text = raw['remote-url']?.trim() ?? ''
  if (text === '') {
    reading.problem('remote-url', 'is missing; give the URL of the mirror, e.g. ssh://git@example.com/group/project.git')
    return null
  }
  const source: Source = { input: 'remote-url', secretInput: 'auth-secret', text, username: givenUsername(raw) }
  const remote = readRemote(source, raw, context, reading)
  const whose = remote && ownerOfForeignToken(remote, raw, context)
  if (remote !== null && whose !== null) {
    const [input, server] = [raw['auth-secret']?.trim() ? 'auth-secret' : 'remote-url', new URL(context.serverUrl ?? '')] as const
    reading.problem(
      input,
      `${input === 'remote-url' ? 'contains' : 'is'} the token of the ${whose}, which is only for ${server.host}; give a secret of ${remote.url.host}`,
    )
  }
  return remote
}

/** The owner of a secret of the mirror that another server, or a server over SSH, must not learn; null for any other secret. */
function ownerOfForeignToken({ url, secret }: Remote, raw: RawInputs, { serverUrl, isTokenOfRun, sharesToken }: SettingsContext) {
  if (
    secret === null ||
    serverUrl === null ||
    url.protocol === 'file' ||
    url.protocol === 'git' ||
    originOf(url) === new URL(serverUrl).origin
  )
    return null
  const own = raw.token?.trim() ?? ''
  const ofRun = isTokenOfRun(secret, own)
  if (ofRun === 'yes') return 'run'
  if (secret.trim() !== own) return null
  if (sharesToken) return 'step'
  // One token may be for two repositories of a third server.
  return ofRun === 'maybe' && !raw['repository-url']?.trim() ? 'run' : null
}

/** The side `here`; null if it is missing or cannot be used, which is reported. */
export function readHere(raw: RawInputs, context: SettingsContext, reading: Reading): Remote | null {
  const url = sourceUrl(raw, context, reading)
  if (url === null) return null
  const remote = readRemote({ ...url, secretInput: 'token', username: '' }, raw, context, reading)
  return remote && withoutForeignToken(remote, context, reading)
}

interface Source {
  readonly input: InputName
  readonly text: string
  readonly secretInput: 'auth-secret' | 'token'
  /** The input `username`, which counts if the URL has no user name. */
  readonly username: string
}

function readRemote(source: Source, raw: RawInputs, context: SettingsContext, notes: Reading): Remote | null {
  const { input, text, secretInput } = source
  const url = notes.url(input, text)
  if (url === null) return null
  const owner = missingOwner(url)
  if (owner !== null) notes.sentence(input, owner)
  if (url.protocol === 'git') {
    checkDaemon(url, source, raw, context, notes)
    return { url, username: '', secret: null, scheme: 'basic', passphrase: null, agentSocket: null }
  }
  const given = raw[secretInput] ?? ''
  const secret = secretFor(url, given.trim() === '' ? url.secret() : given, source, context, notes)
  if (url.hasSecret)
    notes.warn(`${context.nameOf(input)}: the URL contains credentials; put them in ${context.nameOf(secretInput)} instead`)
  const agentSocket = url.protocol === 'ssh' && secret === null ? context.agentSocket : null
  if (url.protocol === 'ssh' && secret !== null) {
    const problem = problemOfSshSecret(secret)
    if (problem !== null) notes.problem(secretInput, problem, 'secret-not-a-key')
  } else if (url.protocol === 'ssh' && agentSocket === null)
    notes.problem(secretInput, missingSshSecret(given.trim() !== '', context), 'credentials-missing')
  else if (secret !== null && url.protocol !== 'file') checkWebSecret(secret, url, secretInput, notes)
  const scheme = schemeFor(url, source, raw, notes)
  if (scheme === 'bearer') checkBearer(url, secret, source, raw, notes)
  const login = scheme === 'bearer' ? '' : usernameFor(url, secret, source, notes)
  const passphrase = raw['ssh-key-passphrase'] || null
  if (passphrase !== null && input === 'remote-url' && secret !== null && looksLikeKey(secret) && !isEncrypted(mendPrivateKey(secret)))
    notes.warn(`${context.nameOf('ssh-key-passphrase')} has no effect, because the private key is not encrypted`)
  return { url, username: login, secret, scheme, passphrase, agentSocket }
}

/** Refuses forges that switched `git://` off, and everything given for a login, because it would not be used. The token of the run is there without being given. */
function checkDaemon(url: RemoteUrl, source: Source, raw: RawInputs, { isTokenOfRun, sharesToken }: SettingsContext, notes: Reading): void {
  const { input, secretInput, username } = source
  if (publicForge(url.host) !== null) notes.sentence(input, `"${url.host}" does not offer \`git://\`: use the https URL of the repository`)
  if (url.user !== null || url.hasSecret) notes.sentence(input, '`git://` has no login: remove what stands before the `@` of the URL')
  const secret = raw[secretInput]?.trim() ?? ''
  const isGiven = secret !== '' && (secretInput === 'auth-secret' || !(sharesToken || isTokenOfRun(secret) !== 'no'))
  if (isGiven) notes.problem(secretInput, NO_LOGIN)
  if (username !== '') notes.problem('username', NO_LOGIN)
  if (schemeFor(url, source, raw, notes) === 'bearer') checkBearer(url, null, source, raw, notes)
}

const NO_LOGIN = 'has no effect with a `git://` URL, which has no login: remove it'

/** One server takes the same scheme for both sides, so that of `auth-scheme` is the default for its other repository. */
function schemeFor(url: RemoteUrl, { input }: Source, raw: RawInputs, { read }: Reading): AuthScheme {
  const name = input === 'remote-url' ? 'auth-scheme' : 'token-scheme'
  const there = parseRemoteUrl(raw['remote-url']?.trim() ?? '', { allowInsecureHttp: true })
  const isShared = name === 'token-scheme' && isWeb(url) && !('problem' in there) && isSameServer(url, there)
  const otherwise = isShared && raw['auth-scheme']?.trim() === 'bearer' ? 'bearer' : 'basic'
  return read(name, text => parseChoice(text, AUTH_SCHEMES), otherwise)
}

/** A Bearer token is for HTTPS alone, has no user name, and is sent as it is, in a header (RFC 6750 §2.1, RFC 9110 §5.5). */
function checkBearer(url: RemoteUrl, secret: string | null, { input, secretInput }: Source, raw: RawInputs, notes: Reading): void {
  const name = input === 'remote-url' ? 'auth-scheme' : 'token-scheme'
  if (!isWeb(url)) notes.problem(name, `must not be \`bearer\`, which is for a token over HTTPS: ${url} is not an https URL`)
  else if (secret === null) notes.problem(secretInput, `is missing; \`${name}: bearer\` needs a token`, 'credentials-missing')
  else if (!looksLikeKey(secret) && !/^[\x21-\x7e]+$/.test(secret.trim()))
    notes.problem(secretInput, `has characters that a \`Bearer\` token cannot have, such as blanks`)
  else if (input === 'remote-url' && raw.username?.trim()) notes.problem('username', 'has no effect with `auth-scheme: bearer`: remove it')
}

/** A token of the run is never sent over SSH: it is no password there, and another server would learn it. */
function secretFor(url: RemoteUrl, secret: string | null, { input }: Source, context: SettingsContext, { warn }: Notes): string | null {
  if (url.protocol !== 'ssh' || input === 'remote-url' || secret === null || looksLikeKey(secret)) return secret
  if (context.isTokenOfRun(secret) === 'no' && !context.sharesToken) return secret
  if (!url.hasSecret) warn(`the token of the ${context.sharesToken ? 'step' : 'run'} was not sent to "${url.host}": it is no SSH password`)
  return url.secret()
}

/** @param given there was a secret, but it was the token of the run */
function missingSshSecret(given: boolean, { run }: SettingsContext): string {
  const empty = run?.secretsPage
    ? `is empty (a secret that does not exist reads as empty: check its name at ${run.secretsPage})`
    : 'is missing'
  const fault = given ? 'is the token of the run, which is no SSH password' : empty
  return `${fault}; an SSH URL needs a private key, a password, or an SSH agent (the variable SSH_AUTH_SOCK)`
}

export function checkWebSecret(secret: string, url: RemoteUrl, input: InputName, { problem }: Notes): void {
  const text = problemOfWebSecret(secret)
  if (text === null) return
  problem(input, looksLikeKey(secret) ? `${text}, but the URL ${url} is not an ssh URL; give a token or password, or an ssh URL` : text)
}

/** Decodes `%40` and the like, because people copy such a name from a URL. */
const givenUsername = (raw: RawInputs): string => {
  const text = raw.username?.trim() ?? ''
  return decodePercent(text) ?? text
}

/** The user name of the URL, otherwise the given one, otherwise what the forge expects. */
export function usernameFor(
  url: RemoteUrl,
  secret: string | null,
  { input, username: given }: Pick<Source, 'input' | 'username'>,
  { problem }: Notes,
): string {
  // In some URLs the token stands in the place of the user name.
  const inUrl = url.user === url.secret() ? null : url.user
  const username = inUrl ?? given
  const where: InputName = input === 'remote-url' ? 'username' : input
  if (username !== '') {
    if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(username)) problem(where, 'must be one user name, without line ends and control characters')
    // RFC 7617: the text before the first colon is the user name.
    else if (username.includes(':') && /^https?$/.test(url.protocol))
      problem(where, 'must not contain a colon: put a password or token in `auth-secret`')
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

/** The token of the run is never sent to another server, which would learn it. There only credentials of the URL are used, if it has any. */
function withoutForeignToken(remote: Remote, { serverUrl, isTokenOfRun, sharesToken }: SettingsContext, { warn }: Notes): Remote {
  if (remote.secret === null || remote.url.protocol === 'ssh' || remote.url.protocol === 'file' || serverUrl === null) return remote
  const isOfRun = isTokenOfRun(remote.secret) !== 'no'
  const server = new URL(serverUrl)
  if (!(isOfRun || sharesToken) || originOf(remote.url) === server.origin) return remote
  if (!remote.url.hasSecret)
    warn(`the token of the ${isOfRun ? 'run' : 'step'} was not sent to "${remote.url.host}": it is for ${server.host} alone`)
  return { ...remote, secret: remote.url.secret() }
}

/** The repository of the run: its URL, or `owner/name` on the server of the run. */
function sourceUrl(raw: RawInputs, { serverUrl }: SettingsContext, { problem }: Notes): Pick<Source, 'input' | 'text'> | null {
  const url = raw['repository-url']?.trim()
  if (url) return { input: 'repository-url', text: url }
  const repository = raw.repository?.trim() ?? ''
  if (serverUrl !== null && /^[\w.-]+\/[\w.-]+$/.test(repository))
    return { input: 'repository', text: `${serverUrl.replace(/(?<!\/)\/+$/, '')}/${repository}.git` }
  if (serverUrl === null && repository === '') problem('repository-url', 'is missing; give the URL of a repository')
  else if (serverUrl === null)
    problem('repository', 'is a name on the server of a workflow run, which a command line does not have: give a URL in repository-url')
  else if (repository === '') problem('repository', 'is missing; give owner/name, or a URL in repository-url')
  else problem('repository', `must be owner/name, not ${quoted(repository)}; a URL goes into repository-url`)
  return null
}
