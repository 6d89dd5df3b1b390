import type { WebLogin } from '../credentials/authorization.ts'
import { isPlainPath } from '../remote/lfs-endpoint.ts'
import { isSameServer } from '../remote/server.ts'
import type { PerSide } from '../remote/side.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { SettingsContext } from './context.ts'
import { choicesOf, type RawInputs } from './inputs.ts'
import type { Notes, Reading } from './problems.ts'
import { checkWebSecret, usernameFor } from './remotes.ts'
import type { LfsServer, Remote } from './settings.ts'
import { parseChoice, parseSize } from './values.ts'

/** The settings about LFS. @param sides null where a side could not be read */
export function readLfs(raw: RawInputs, sides: PerSide<Remote | null>, context: SettingsContext, reading: Reading) {
  const parseLfs = (text: string) => parseChoice(/^(?:true|false)$/i.test(text) ? text.toLowerCase() : text, choicesOf('lfs'))
  const lfs = reading.read('lfs', parseLfs, 'auto')
  const server = (input: LfsInput, remote: Remote | null): LfsServer | null => {
    const text = raw[input]?.trim() ?? ''
    if (text === '') return null
    if (lfs === 'false') reading.warn(`${context.nameOf(input)} has no effect with \`lfs: false\`, which moves no LFS files`)
    return readServer(input, text, remote, context, reading)
  }
  return {
    lfs,
    lfsUrl: { here: server('lfs-url', sides.here), there: server('remote-lfs-url', sides.there) },
    lfsMissing: reading.read('lfs-missing', text => parseChoice(text, choicesOf('lfs-missing')), 'reject' as const),
    lfsBatchSize: reading.read('lfs-batch-size', parseSize, 2 * 1024 ** 3),
  }
}

type LfsInput = 'lfs-url' | 'remote-lfs-url'

/** The server of one input; null if it cannot be used, which is reported. */
function readServer(input: LfsInput, text: string, remote: Remote | null, context: SettingsContext, reading: Reading): LfsServer | null {
  const url = reading.url(input, text)
  if (url === null) return null
  if (url.protocol === 'file' || url.protocol === 'git') {
    reading.problem(input, `must be an https or ssh URL, not ${url}`)
    return null
  }
  const isOfRemote = remote !== null && isSameServer(url, remote.url)
  const place = isOfRemote ? `put them in ${context.nameOf(input === 'lfs-url' ? 'token' : 'auth-secret')} instead` : ELSEWHERE
  if (url.hasSecret) reading.warn(`${context.nameOf(input)}: the URL contains credentials; ${place}`)
  if (url.protocol === 'ssh') return sshServer(url, input, remote, reading)
  if (isOfRemote && (remote.secret !== null || !url.hasSecret)) return { url, ...loginOf(remote) }
  const secret = url.secret()
  // The secret of the remote must not be sent to another server.
  if (secret === null) return { url, username: '', secret, scheme: 'basic' }
  checkWebSecret(secret, url, input, reading)
  return { url, username: usernameFor(url, secret, { input, username: '' }, reading), secret, scheme: 'basic' }
}

const loginOf = ({ username, secret, scheme }: Remote): WebLogin => ({ username, secret, scheme })

const ELSEWHERE = 'store the whole URL as a secret'

/** An LFS server over SSH must be the server of the remote, because the host keys and the login are only for that one. */
function sshServer(url: RemoteUrl, input: LfsInput, remote: Remote | null, { problem, sentence }: Notes): LfsServer | null {
  if (remote === null) return null
  if (isSameServer(url, remote.url) && (url.user === null || url.user === remote.username)) {
    if (url.path === remote.url.path || isPlainPath(url.path)) return { url, ...loginOf(remote) }
    sentence(
      input,
      'the path of an ssh URL may have only letters, digits and `. _ ~ / + @ -`: git-lfs gives it to a shell of the server as it is',
    )
    return null
  }
  const why =
    remote.url.protocol === 'ssh'
      ? `the host keys and the login are only for ${remote.url}`
      : `there is no SSH login, because ${remote.url} is not an ssh URL`
  problem(input, `must not name another SSH server, port or user, as ${url} does: ${why}`)
  return null
}
