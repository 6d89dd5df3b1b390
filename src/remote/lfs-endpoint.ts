import { encodePath } from './percent.ts'
import { bracketed } from './server.ts'
import type { RemoteUrl } from './url.ts'

/**
 * The URL for git-lfs' `lfs.url`, without credentials: the one that was configured, otherwise the one that git-lfs derives from the repository's. For `git://`
 * that is https at the host (`endpointFromGitUrl`), here always at the usual port, as git's daemon has the one that the URL may name. Over SSH
 * git-lfs hands the path to the server as it stands in the URL. A path that begins at the home of the user, or with `~`, stays in scp-style, because
 * `ssh://` would put a slash in front of it. git-lfs takes no IPv6 address over SSH (`EndpointFromSshUrl`): it then says that the endpoint is `<unknown>`.
 */
export function endpointOf(remote: RemoteUrl, configured: RemoteUrl | null): string {
  const url = configured ?? remote
  if (url.protocol === 'ssh') return sshEndpoint(url)
  if (url.protocol === 'file') return fileEndpoint(url.toGit())
  if (configured !== null) return configured.toGit()
  if (url.protocol === 'git') return webEndpoint(`https://${bracketed(url.host)}/${encodePath(url.path.replace(/^\/+/, ''))}`)
  return webEndpoint(remote.toGit())
}

/**
 * Whether a shell reads the path as itself. git-lfs puts it into the command for the server without quotes (ssh/ssh.go, `GetLFSExeAndArgs`), so any
 * other path could hold a command.
 */
export const isPlainPath = (path: string): boolean => /^(?!-)(?!.*\/-)[A-Za-z0-9._~/+@-]+$/.test(path)

/** git-lfs takes one slash away, and puts `.git` where the last part of the path does not end with it (`NewEndpointFromCloneURL`). */
function webEndpoint(text: string): string {
  const url = text.replace(/\/$/, '')
  return `${url}${/\.git$/.test(url) ? '' : '.git'}/info/lfs`
}

function sshEndpoint({ user, host, port, path }: RemoteUrl): string {
  const login = `${user === null ? '' : `${encodeURIComponent(user)}@`}${bracketed(host)}`
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
