import { randomUUID } from 'node:crypto'
import { mkdir, realpath, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { Side } from '../failure.ts'
import { type GitAccess, gitEnvironment } from '../git/environment.ts'
import type { GitRemote } from '../git/remote.ts'
import type { Host } from '../host/host.ts'
import type { Remote, Settings } from '../settings/settings.ts'
import { SSH_SESSION_VARIABLE, serializeSshSession } from '../ssh/session-file.ts'
import { httpsAccess } from './https.ts'

/** What the run needs of the process it lives in. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Command that starts this program again: node and the bundle. */
  readonly program: readonly string[]
}

/** The run's private corner: a directory that only we can read, gone when the run is over, and both remotes as git reaches them. */
export interface Session {
  readonly directory: string
  readonly here: GitRemote
  readonly there: GitRemote
  /** Environment for git commands that speak to no remote. */
  readonly localEnvironment: Readonly<Record<string, string>>
  dispose(): Promise<void>
}

const DIRECTORY_PREFIX = 'repository-mirroring-'
const CONNECT_TIMEOUT_MS = 30_000

/** Whether a path can be one of ours; the post step deletes nothing else. */
export const isSessionDirectory = (path: string): boolean => basename(path).startsWith(DIRECTORY_PREFIX)

/** Opens the session: its path is known to the post step before anything is written, the directory is 0700 and each file with a secret 0600. */
export async function openSession(settings: Settings, host: Host, surroundings: Surroundings): Promise<Session> {
  const directory = join(await realpath(host.temporaryDirectory), `${DIRECTORY_PREFIX}${randomUUID()}`)
  host.saveState('session', directory)
  await mkdir(directory, { mode: 0o700 })
  const dispose = () => rm(directory, { recursive: true, force: true, maxRetries: 3 })
  try {
    const home = join(directory, 'home')
    await mkdir(home, { mode: 0o700 })
    const environmentFor = (access: GitAccess | null) => ({
      ...gitEnvironment(surroundings.environment, home, access),
      // Without it git would look for a repository, and its configuration, in the directories above.
      GIT_CEILING_DIRECTORIES: dirname(directory),
    })
    const caFile = await writeAuthorities(directory, settings.caCertificate)
    const open = async (side: Side): Promise<GitRemote> => {
      const remote = settings[side]
      const { url, secret } = remote
      const failureFile = join(directory, `${side}-failure.json`)
      const ssh = url.protocol === 'ssh'
      const access = ssh
        ? await sshAccess(remote, settings.knownHostKeys, join(directory, `${side}-ssh.json`), failureFile, surroundings.program)
        : url.protocol === 'file'
          ? await fileAccess(url.path, side, join(directory, `${side}.gitconfig`))
          : httpsAccess(url, remote.username, secret, caFile)
      return {
        side,
        url: url.toGit(),
        env: environmentFor(access),
        cwd: home,
        hide: host.hide,
        hasCredentials: secret !== null,
        failureFile: ssh ? failureFile : null,
      }
    }
    return { directory, here: await open('here'), there: await open('there'), localEnvironment: environmentFor(null), dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** git's GIT_SSL_CAINFO replaces the system's authorities, so ours are written next to those that node brings. */
async function writeAuthorities(directory: string, certificates: string | null): Promise<string | null> {
  if (certificates === null) return null
  const file = join(directory, 'authorities.pem')
  await writeFile(file, [...rootCertificates, certificates, ''].join('\n'), { mode: 0o600, flag: 'wx' })
  return file
}

/**
 * A repository that belongs to another user, as in a container, is read all the same: the user named it, and reading runs none of its hooks. git takes
 * `safe.directory` only from a configuration file. Pushing to such a repository would run its hooks, so there git's refusal stands.
 */
async function fileAccess(path: string, side: Side, file: string): Promise<GitAccess> {
  if (side === 'there') return { protocol: 'file', config: [], variables: {} }
  const quoted = path.replace(/[\\"]/g, '\\$&')
  await writeFile(file, `[safe]\n\tdirectory = "${quoted}"\n\tdirectory = "${quoted}/.git"\n`, { mode: 0o600, flag: 'wx' })
  return { protocol: 'file', config: [], variables: { GIT_CONFIG_GLOBAL: file } }
}

/** git starts this same program as its ssh; what it needs stands in a file that only we can read, and its path in the environment. */
async function sshAccess(
  { url, username, secret, passphrase }: Remote,
  knownHostKeys: string,
  file: string,
  failureFile: string,
  program: readonly string[],
): Promise<GitAccess> {
  const session = serializeSshSession({
    host: url.host,
    port: url.port,
    username,
    privateKey: secret ?? '',
    passphrase,
    knownHostKeys,
    failureFile,
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

/** git hands GIT_SSH_COMMAND to `sh`. */
const shellQuote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`
