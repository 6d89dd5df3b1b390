import { SSH_HOSTS } from '../remote/forge.ts'
import { encodePath } from '../remote/percent.ts'
import { isSameServer } from '../remote/server.ts'
import { parseRemoteUrl, RemoteUrl } from '../remote/url.ts'
import { readGitConfig } from './git-config.ts'

/**
 * The URL for git-lfs' `lfs.url`: the one that was configured, else what git-lfs derives from the repository's. Without credentials. Over SSH git-lfs hands
 * the path to the server as it stands in the URL, so one that begins at the home of the user, or with `~`, stays in scp-style: `ssh://` would put a
 * slash in front of it. git-lfs takes no IPv6 address over SSH (`EndpointFromSshUrl`): it then says that the endpoint is `<unknown>`.
 */
export function endpointOf(remote: RemoteUrl, configured: RemoteUrl | null): string {
  const url = configured ?? remote
  if (url.protocol === 'ssh') return sshEndpoint(url)
  if (url.protocol === 'file') return fileEndpoint(url.toGit())
  return configured === null ? webEndpoint(remote.toGit()) : configured.toGit()
}

/** git-lfs takes one slash away, and puts `.git` where the last part of the path does not end with it (`NewEndpointFromCloneURL`). */
function webEndpoint(text: string): string {
  const url = text.replace(/\/$/, '')
  return `${url}${/\.git$/.test(url) ? '' : '.git'}/info/lfs`
}

function sshEndpoint({ user, host, port, path }: RemoteUrl): string {
  const login = `${user === null ? '' : `${encodeURIComponent(user)}@`}${host.includes(':') ? `[${host}]` : host}`
  const place = `${login}${port === null ? '' : `:${port}`}`
  if (path.startsWith('/')) return `ssh://${place}${encodePath(path)}`
  // git-lfs looks for a port at every colon, and decodes the path in this form, too.
  return `${port === null ? place : `[${place}]`}:${encodePath(path).replaceAll(':', '%3A')}`
}

/** A local path becomes the URL that git-lfs writes for it; on Windows it begins with a drive. */
function fileEndpoint(spelling: string): string {
  if (spelling.startsWith('file://')) return spelling.replace(/\/$/, '')
  const path = spelling
    .replaceAll('\\', '/')
    .replace(/^(?=[A-Za-z]:)/, '/')
    .replace(/\/$/, '')
  return `file://${encodePath(path)}`
}

/**
 * The URL to which a `.lfsconfig` leads downloads: its `lfs.url`, else the `lfsurl` of `origin`, which git-lfs takes from there, too, and which is what a
 * clone's remote is called. Its `lfs.pushurl` is for uploads alone; no other key that git-lfs takes from there names a place (config/git_fetcher.go).
 * @returns null where there is none, or where git refuses to read the file
 */
export function readLfsConfig(text: string): string | null {
  const values = readGitConfig(text)
  return values?.get('lfs.url') ?? values?.get('remote.origin.lfsurl') ?? null
}

/** What a run may make of the URL in a repository's `.lfsconfig`. */
export type LfsConfigUse = 'same-host' | 'other-host' | 'unusable'

/**
 * Whether the URL in a `.lfsconfig`, which anybody who may push can write, leads to the server that the run talks to anyway. Only `same-host` may be
 * followed, and without what stands before an `@` in it.
 *
 * - `same-host`: the protocol, host and port of the remote; for a local repository, its own path. Over SSH also the remote's user, as the login
 *   is for that one alone. A remote over SSH may be led to https on its host, at the usual port: the run has nothing to show there, as its key or
 *   password belongs to the SSH server alone, so at most it sends objects to the host that has them. Another port may be somebody else's.
 * - `other-host`: another host or port, or another place on this machine; and clear text where the remote is encrypted.
 * - `unusable`: no URL that we take, or one for which there is no login: another user over SSH, or SSH where the remote is not.
 */
export function followLfsConfig(url: string, remote: RemoteUrl): LfsConfigUse {
  const target = parseRemoteUrl(url, { allowInsecureHttp: true })
  if (!(target instanceof RemoteUrl)) return 'unusable'
  if (target.protocol === 'file' || remote.protocol === 'file') {
    const isItself = target.protocol === remote.protocol && endpointOf(target, null) === endpointOf(remote, null)
    return isItself ? 'same-host' : 'other-host'
  }
  if (target.protocol === 'https' && remote.protocol === 'ssh') {
    const web = { protocol: 'https', host: SSH_HOSTS.get(remote.host) ?? remote.host, port: null } as const
    return isSameServer(target, web) ? 'same-host' : 'other-host'
  }
  if (target.host !== remote.host) return 'other-host'
  if (target.protocol === 'ssh' && (remote.protocol !== 'ssh' || (target.user !== null && target.user !== remote.user))) return 'unusable'
  return isSameServer(target, remote) ? 'same-host' : 'other-host'
}
