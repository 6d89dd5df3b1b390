import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { mkdir, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
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
import { once } from '../tasks/later.ts'
import { orElse } from '../tasks/or-else.ts'
import { shellQuote } from '../text/quote.ts'
import { daemonAccess } from './daemon.ts'
import { httpsAccess, type TlsFiles } from './https.ts'
import { type LfsLogin, type LfsRemote, lfsAccess, lfsLogin } from './lfs.ts'
import { SSH_SESSION_VARIABLE, type SshSession, serializeSshSession } from './ssh-session.ts'

/**
 * The private directory of a run, which is removed at its end, and both remotes as git reaches them.
 * Each part is made when it is first needed: a run that needs no git writes nothing to the disk.
 */
export type Session = ReturnType<typeof openSession>

/** The post step deletes no directory whose name begins otherwise. */
export const DIRECTORY_PREFIX = 'repository-mirroring-'

/**
 * Opens a session. The post step knows its path before anything is written; the directory is 0700 and each file with a secret 0600.
 * One function, because its parts share the directory, which is made only when one of them needs it.
 */
export function openSession(settings: Settings, host: Host, runtime: Pick<Runtime, 'env' | 'program' | 'signal'>) {
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
      // Otherwise git would look for a repository, and its configuration, in the directories above.
      GIT_CEILING_DIRECTORIES: dirname(path),
    }
  }
  const tls = once(async () => writeTls(await directory(), settings))
  const programFilesOf = (side: Side, path: string) => ({
    failureFile: join(path, `${side}-failure.json`),
    notesFile: host.verbose ? join(path, `${side}-ssh.log`) : null,
  })
  const accesses = oncePerSide(async side => {
    const path = await directory()
    const { url } = settings[side]
    const session = { knownHostKeys: settings.knownHostKeys, ...programFilesOf(side, path) }
    if (url.protocol === 'ssh') return sshAccess(settings[side], join(path, `${side}-ssh.json`), session, runtime.program)
    if (url.protocol === 'git') return daemonAccess(join(path, `${side}-git-proxy`), session.failureFile, runtime.program)
    if (url.protocol === 'file') return fileAccess(url.path, isChanged(side, settings.direction), join(path, `${side}.gitconfig`))
    return httpsAccess(url, settings[side], await tls())
  })
  const remoteWith = async (side: Side, url: string, used: GitAccess, hasCredentials: boolean): Promise<GitRemote> => {
    const path = await directory()
    const env = await environmentFor(used)
    const { protocol } = settings[side].url
    const files = programFilesOf(side, path)
    const failureFile = protocol === 'ssh' || protocol === 'git' ? files.failureFile : null
    const notesFile = protocol === 'ssh' ? files.notesFile : null
    const say = debugTo(host, `${side}: `)
    // Called when a git has ended; its ssh has written its notes by then.
    const debug = (message: string) => {
      for (const line of notesFile === null ? [] : takeLines(notesFile)) say(line)
      say(message)
    }
    const { signal } = runtime
    return { side, url, env, cwd: join(path, 'home'), hide: host.hide, debug, hasCredentials, failureFile, signal }
  }
  const remotes = oncePerSide(async side =>
    remoteWith(side, settings[side].url.toGit(), await accesses[side](), settings[side].secret !== null),
  )
  const lfsRemote = async (side: Side, endpoint?: string): Promise<LfsRemote> => {
    const path = await directory()
    const login = lfsLogin(settings, side)
    const url = endpoint ?? endpointOf(settings[side].url, settings.lfsUrl[side]?.url ?? null)
    const file = await credentialFile(join(path, `${side}-lfs-credentials`), login)
    const used = lfsAccess({ side, url, login, credentialFile: file, variables: (await accesses[side]()).variables, tls: await tls() })
    const remote = await remoteWith(side, url, used, login.secret !== null)
    const isOwn = endpoint === undefined && settings.lfsUrl[side] === null
    return { ...remote, repository: isOwn && settings[side].url.protocol === 'file' ? settings[side].url.path : null }
  }
  return {
    directory,
    remote: (side: Side): Promise<GitRemote> => remotes[side](),
    /** The LFS objects of a side, as git-lfs reaches them. @param endpoint replaces that of the settings; on the same server as the side itself */
    lfs: lfsRemote,
    /** For git commands without a remote; they start in the directory of the session. */
    local: async (): Promise<LocalGit> => ({ env: await environmentFor(null), cwd: await directory(), signal: runtime.signal }),
    dispose: async () => {
      if (directory.wasAsked()) await rm(await directory(), { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** Removes a file and returns its lines; none if there is no such file. */
function takeLines(file: string): string[] {
  return orElse([], () => {
    const text = readFileSync(file, 'utf8')
    rmSync(file)
    return text.split('\n').filter(line => line !== '')
  })
}

const oncePerSide = <T>(work: (side: Side) => Promise<T>) => ({ here: once(() => work('here')), there: once(() => work('there')) })

/** Writes a file for git's credential protocol (git-credential(1), "INPUT/OUTPUT FORMAT"); null without a login by user and password. */
async function credentialFile(file: string, { username, secret, scheme }: LfsLogin): Promise<string | null> {
  if (secret === null || scheme === 'bearer') return null
  await writeFile(file, `username=${username}\npassword=${secret.trim()}\n`, { mode: 0o600 })
  return file
}

/** Writes the files that git needs for TLS. GIT_SSL_CAINFO replaces the system's authorities, so the file also contains node's list. */
async function writeTls(directory: string, { caCertificate, clientCertificate, clientKey }: Settings): Promise<TlsFiles> {
  const write = async (name: string, text: string | null): Promise<string | null> => {
    if (text === null) return null
    const file = join(directory, name)
    await writeFile(file, text, { mode: 0o600, flag: 'wx' })
    return file
  }
  const authorities = caCertificate && [...(await import('node:tls')).rootCertificates, caCertificate, ''].join('\n')
  return {
    authorities: await write('authorities.pem', authorities),
    certificate: await write('client.pem', clientCertificate && `${clientCertificate}\n`),
    key: await write('client.key', clientKey && `${clientKey}\n`),
  }
}

/**
 * Lets git read a repository that belongs to another user, as in a container: the user named it, and reading runs none of its hooks. git takes
 * `safe.directory` only from a configuration file. A push would run the hooks, so git's refusal is kept there. A repository of this user needs nothing.
 */
async function fileAccess(path: string, isDestination: boolean, file: string): Promise<GitAccess> {
  if (isDestination || !(await isOfAnother(path))) return { protocol: 'file', config: [], variables: {} }
  const quoted = path.replace(/[\\"]/g, '\\$&')
  await writeFile(file, `[safe]\n\tdirectory = "${quoted}"\n\tdirectory = "${quoted}/.git"\n`, { mode: 0o600, flag: 'wx' })
  return { protocol: 'file', config: [], variables: { GIT_CONFIG_GLOBAL: file } }
}

/** Whether git would refuse a repository because of its owner. Windows does not tell node who owns a file. */
async function isOfAnother(path: string): Promise<boolean> {
  const user = process.geteuid?.()
  const owners = [path, join(path, '.git')].map(each =>
    stat(each).then(
      ({ uid }) => uid,
      () => user,
    ),
  )
  return user === undefined || (await Promise.all(owners)).some(owner => owner !== user)
}

/** git starts this program as its ssh. The file with its session is only readable by this user; its path is in the environment. */
async function sshAccess(
  { url: { protocol, host, port }, scheme: _, ...login }: Remote,
  file: string,
  session: Pick<SshSession, 'knownHostKeys' | 'failureFile' | 'notesFile'>,
  program: readonly string[],
): Promise<GitAccess> {
  const text = serializeSshSession({ host, port, ...login, ...session })
  await writeFile(file, text, { mode: 0o600, flag: 'wx' })
  const command = [...program, 'ssh'].map(shellQuote).join(' ')
  return { protocol, config: [], variables: { GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: 'ssh', [SSH_SESSION_VARIABLE]: file } }
}
