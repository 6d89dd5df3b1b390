import { isSameServer } from '../remote/server.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { SettingsContext } from './context.ts'
import { choicesOf, type InputName, type RawInputs } from './inputs.ts'
import { checkWebSecret, type Notes, usernameFor } from './remotes.ts'
import type { LfsServer, Remote, Settings } from './settings.ts'
import { parseUrl } from './url.ts'
import { type Parsed, parseChoice, parseSize } from './values.ts'

interface Sides {
  readonly here: Remote | null
  readonly there: Remote | null
}

interface Reading extends Notes {
  /** The value of an input, or else what counts where it is empty or wrong, which is noted. */
  readonly read: <T>(input: InputName, parse: (text: string) => Parsed<T>, otherwise: T) => T
}

/** What a run is told of LFS; `sides` as far as they could be read. */
export function readLfs(
  raw: RawInputs,
  sides: Sides,
  context: SettingsContext,
  reading: Reading,
  allowInsecureHttp: boolean,
): Pick<Settings, 'lfs' | 'lfsUrl' | 'lfsBatchSize'> {
  const lfs = reading.read(
    'lfs',
    text => parseChoice(/^(?:true|false)$/i.test(text) ? text.toLowerCase() : text, choicesOf('lfs')),
    'auto' as const,
  )
  const useless = (['lfs-url', 'remote-lfs-url'] as const).filter(input => (raw[input]?.trim() ?? '') !== '')
  if (lfs === 'false')
    for (const input of useless) reading.warn(`${context.nameOf(input)}: is of no use with \`lfs: false\`, which moves no LFS files`)
  const server = (input: LfsInput, remote: Remote | null) =>
    readServer({ input, text: raw[input]?.trim() ?? '', allowInsecureHttp }, remote, context, reading)
  return {
    lfs,
    lfsUrl: { here: server('lfs-url', sides.here), there: server('remote-lfs-url', sides.there) },
    lfsBatchSize: reading.read('lfs-batch-size', parseSize, 2 * 1024 ** 3),
  }
}

type LfsInput = 'lfs-url' | 'remote-lfs-url'

interface Source {
  readonly input: LfsInput
  /** Empty = none is given. */
  readonly text: string
  readonly allowInsecureHttp: boolean
}

/** The server of one input; null where none is given, and where it cannot be used, which is noted. */
function readServer(source: Source, remote: Remote | null, context: SettingsContext, notes: Notes): LfsServer | null {
  const { input, text, allowInsecureHttp } = source
  if (text === '') return null
  const url = parseUrl(text, context, allowInsecureHttp)
  if ('problem' in url) {
    notes.problem(input, url.problem)
    return null
  }
  if (url.protocol === 'file') {
    notes.problem(input, `must be an https or ssh URL, not ${url}`)
    return null
  }
  const isOfRemote = remote !== null && isSameServer(url, remote.url)
  if (url.hasSecret) notes.warn(`${context.nameOf(input)}: the URL holds credentials; ${isOfRemote ? placeFor(input, context) : ELSEWHERE}`)
  if (url.protocol === 'ssh') return sshServer(url, input, remote, notes)
  if (isOfRemote && (remote.secret !== null || !url.hasSecret)) return { url, username: remote.username, secret: remote.secret }
  const secret = url.secret()
  // What is meant for the remote would be learnt by this server.
  if (secret === null) return { url, username: '', secret }
  checkWebSecret(secret, url, input, notes)
  return { url, username: usernameFor(url, secret, { input, username: '' }, notes), secret }
}

const placeFor = (input: LfsInput, { nameOf }: SettingsContext): string =>
  `put them in ${nameOf(input === 'lfs-url' ? 'token' : 'auth-secret')} instead`

const ELSEWHERE = 'store the whole URL as a secret'

/** The host keys and the login of a run are for the server of its remote alone. */
function sshServer(url: RemoteUrl, input: LfsInput, remote: Remote | null, { problem }: Notes): LfsServer | null {
  if (remote === null) return null
  if (isSameServer(url, remote.url) && (url.user === null || url.user === remote.username))
    return { url, username: remote.username, secret: remote.secret }
  const why =
    remote.url.protocol === 'ssh'
      ? `the host keys and the login are for that of ${remote.url}`
      : `there is no login for one, as ${remote.url} is not an ssh URL`
  problem(input, `must not lead to another SSH server, port or user, as ${url} does: ${why}`)
  return null
}
