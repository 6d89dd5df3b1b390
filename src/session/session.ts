import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { mkdir, realpath, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type GitAccess, gitEnvironment } from '../git/environment.ts'
import type { GitRemote } from '../git/remote.ts'
import type { LocalGit } from '../git/run.ts'
import type { Host } from '../host/host.ts'
import type { Runtime } from '../host/runtime.ts'
import { debugTo } from '../host/server-text.ts'
import { endpointOf } from '../remote/lfs-endpoint.ts'
import type { Side } from '../remote/side.ts'
import { isChanged } from '../settings/direction.ts'
import type { Remote, Settings } from '../settings/settings.ts'
import { shellQuote } from '../text/quote.ts'
import { httpsAccess, type TlsFiles } from './https.ts'
import { type LfsLogin, type LfsRemote, lfsAccess, lfsLogin } from './lfs.ts'
import { SSH_SESSION_VARIABLE, serializeSshSession } from './ssh-session.ts'

/**
 * The run's private corner: a directory that only we can read, gone when the run is over, and both remotes as git reaches them.
 * All of it is made when it is first asked for: a run that needs no git leaves nothing on the disk.
 */
export interface Session {
  directory(): Promise<string>
  remote(side: Side): Promise<GitRemote>
  /**
   * The LFS objects of a side, as git-lfs reaches them.
   * @param endpoint where they are, instead of where the settings say; on the same server as the side itself
   */
  lfs(side: Side, endpoint?: string): Promise<LfsRemote>
  /** For git commands without a remote; they start in the directory of the session. */
  local(): Promise<LocalGit>
  dispose(): Promise<void>
}

const DIRECTORY_PREFIX = 'repository-mirroring-'
const CONNECT_TIMEOUT_MS = 30_000

/** Whether a path can be one of ours; the post step deletes nothing else. */
export const isSessionDirectory = (path: string): boolean => basename(path).startsWith(DIRECTORY_PREFIX)

/**
 * Opens a session. Its path is known to the post step before anything is written, the directory is 0700 and each file with a secret 0600.
 * One function, because its parts share the directory, which is made only when one of them needs it.
 */
export function openSession(settings: Settings, host: Host, runtime: Pick<Runtime, 'env' | 'program' | 'signal'>): Session {
  const directory = once(async () => {
    const path = join(await realpath(host.temporaryDirectory), `${DIRECTORY_PREFIX}${randomUUID()}`)
    host.saveState('session', path)
    await mkdir(path, { mode: 0o700 })
    await mkdir(join(path, 'home'), { mode: 0o700 })
    return path
  })
  const environmentFor = async (access: GitAccess | null) => {
    const path = await directory()
    return {
      ...gitEnvironment(runtime.env, join(path, 'home'), access),
      // Without it git would look for a repository, and its configuration, in the directories above.
      GIT_CEILING_DIRECTORIES: dirname(path),
    }
  }
  const tls = once(async () => writeTls(await directory(), settings))
  const failureFileOf = (side: Side, path: string) => (settings[side].url.protocol === 'ssh' ? join(path, `${side}-failure.json`) : null)
  const notesFileOf = (side: Side, path: string) =>
    settings[side].url.protocol === 'ssh' && host.verbose ? join(path, `${side}-ssh.log`) : null
  const access = (side: Side) =>
    once(async () => {
      const path = await directory()
      const [failureFile, notesFile] = [failureFileOf(side, path), notesFileOf(side, path)]
      return accessOf(side, settings, { directory: path, failureFile, notesFile, program: runtime.program, tls })
    })
  const accesses = { here: access('here'), there: access('there') }
  const remoteWith = async (side: Side, url: string, used: GitAccess, hasCredentials: boolean): Promise<GitRemote> => {
    const path = await directory()
    const [env, failureFile, notesFile] = [await environmentFor(used), failureFileOf(side, path), notesFileOf(side, path)]
    const say = debugTo(host, `${side}: `)
    // Told when a git has ended: by then its ssh has written what it did.
    const debug = (message: string) => {
      for (const line of notesFile === null ? [] : takeLines(notesFile)) say(line)
      say(message)
    }
    const { signal } = runtime
    return { side, url, env, cwd: join(path, 'home'), hide: host.hide, debug, hasCredentials, failureFile, signal }
  }
  const open = async (side: Side): Promise<GitRemote> =>
    remoteWith(side, settings[side].url.toGit(), await accesses[side](), settings[side].secret !== null)
  const remotes = { here: once(() => open('here')), there: once(() => open('there')) }
  const lfsRemote = async (side: Side, endpoint?: string): Promise<LfsRemote> => {
    const path = await directory()
    const login = lfsLogin(settings, side)
    const url = endpoint ?? endpointOf(settings[side].url, settings.lfsUrl[side]?.url ?? null)
    const file = await credentialFile(join(path, `${side}-lfs-credentials`), login)
    const used = lfsAccess({ side, url, login, credentialFile: file, variables: (await accesses[side]()).variables, tls: await tls() })
    const remote = await remoteWith(side, url, used, login.secret !== null)
    return { ...remote, repository: settings[side].url.protocol === 'file' && endpoint === undefined ? settings[side].url.path : null }
  }
  return {
    directory,
    remote: side => remotes[side](),
    lfs: lfsRemote,
    local: async () => ({ env: await environmentFor(null), cwd: await directory(), signal: runtime.signal }),
    dispose: async () => {
      if (directory.wasAsked()) await rm(await directory(), { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** The lines of a file, which is then gone; none where there is no such file. */
function takeLines(file: string): string[] {
  try {
    const text = readFileSync(file, 'utf8')
    rmSync(file)
    return text.split('\n').filter(line => line !== '')
  } catch {
    return []
  }
}

/** Does a piece of work at most once, however often it is asked for. */
function once<T>(work: () => Promise<T>): (() => Promise<T>) & { wasAsked(): boolean } {
  let result: Promise<T> | null = null
  const ask = () => {
    result ??= work()
    return result
  }
  return Object.assign(ask, { wasAsked: () => result !== null })
}

/** A file for git's credential protocol (git-credential(1), "INPUT/OUTPUT FORMAT"); null for nobody. */
async function credentialFile(file: string, { username, secret }: LfsLogin): Promise<string | null> {
  if (secret === null) return null
  await writeFile(file, `username=${username}\npassword=${secret.trim()}\n`, { mode: 0o600 })
  return file
}

interface Corner {
  readonly directory: string
  readonly failureFile: string | null
  readonly notesFile: string | null
  readonly program: readonly string[]
  readonly tls: () => Promise<TlsFiles>
}

async function accessOf(side: Side, settings: Settings, { directory, failureFile, notesFile, program, tls }: Corner): Promise<GitAccess> {
  const remote = settings[side]
  const { url, username, secret } = remote
  if (failureFile !== null)
    return sshAccess(remote, settings.knownHostKeys, { file: join(directory, `${side}-ssh.json`), failureFile, notesFile, program })
  if (url.protocol === 'file') return fileAccess(url.path, isChanged(side, settings.direction), join(directory, `${side}.gitconfig`))
  return httpsAccess(url, username, secret, await tls())
}

/** Writes what git reads from files for TLS. Its GIT_SSL_CAINFO replaces the system's authorities, so ours are written next to those that node brings. */
async function writeTls(directory: string, { caCertificate, clientCertificate, clientKey }: Settings): Promise<TlsFiles> {
  const write = async (name: string, text: string | null): Promise<string | null> => {
    if (text === null) return null
    const file = join(directory, name)
    await writeFile(file, text, { mode: 0o600, flag: 'wx' })
    return file
  }
  return {
    authorities: await write(
      'authorities.pem',
      caCertificate && [...(await import('node:tls')).rootCertificates, caCertificate, ''].join('\n'),
    ),
    certificate: await write('client.pem', clientCertificate && `${clientCertificate}\n`),
    key: await write('client.key', clientKey && `${clientKey}\n`),
  }
}

/**
 * A repository that belongs to another user, as in a container, is read all the same: the user named it, and reading runs none of its hooks. git takes
 * `safe.directory` only from a configuration file. Pushing to such a repository would run its hooks, so there git's refusal stands.
 */
async function fileAccess(path: string, isDestination: boolean, file: string): Promise<GitAccess> {
  if (isDestination) return { protocol: 'file', config: [], variables: {} }
  const quoted = path.replace(/[\\"]/g, '\\$&')
  await writeFile(file, `[safe]\n\tdirectory = "${quoted}"\n\tdirectory = "${quoted}/.git"\n`, { mode: 0o600, flag: 'wx' })
  return { protocol: 'file', config: [], variables: { GIT_CONFIG_GLOBAL: file } }
}

/** git starts this same program as its ssh; what it needs stands in a file that only we can read, and its path in the environment. */
async function sshAccess(
  { url, username, secret, passphrase, agentSocket }: Remote,
  knownHostKeys: string,
  {
    file,
    failureFile,
    notesFile,
    program,
  }: Pick<Corner, 'notesFile' | 'program'> & { readonly file: string; readonly failureFile: string },
): Promise<GitAccess> {
  const session = serializeSshSession({
    host: url.host,
    port: url.port,
    username,
    secret,
    passphrase,
    agentSocket,
    knownHostKeys,
    failureFile,
    notesFile,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  })
  await writeFile(file, session, { mode: 0o600, flag: 'wx' })
  const command = [...program, 'ssh'].map(shellQuote).join(' ')
  return {
    protocol: url.protocol,
    config: [],
    variables: { GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: 'ssh', [SSH_SESSION_VARIABLE]: file },
  }
}
