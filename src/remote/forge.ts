import { isWeb, originOf, unbracketed } from './server.ts'
import type { RemoteUrl } from './url.ts'

/** The programs that we know forges to run: they decide where a forge's pages and its API are. */
export type ForgeKind = 'github' | 'gitlab' | 'gitea' | 'bitbucket'

const PUBLIC_FORGES: ReadonlyMap<string, ForgeKind> = new Map([
  ['github.com', 'github'],
  ['gitlab.com', 'gitlab'],
  ['bitbucket.org', 'bitbucket'],
  ['codeberg.org', 'gitea'],
  ['gitea.com', 'gitea'],
])

/** Names under which forges offer ssh on port 443. */
const SSH_HOSTS: ReadonlyMap<string, string> = new Map([
  ['ssh.github.com', 'github.com'],
  ['altssh.gitlab.com', 'gitlab.com'],
  ['altssh.bitbucket.org', 'bitbucket.org'],
])

const COMMIT_FOLDERS: Readonly<Record<ForgeKind, string>> = {
  github: '/commit/',
  gitlab: '/-/commit/',
  gitea: '/commit/',
  bitbucket: '/commits/',
}

/** The host of a forge's pages: some forges have another one for ssh on port 443. */
export const webHostOf = ({ host }: Pick<RemoteUrl, 'host'>): string => SSH_HOSTS.get(host) ?? host

/** The public forge with its pages at this host; null for any other host. GitHub has `*.ghe.com` for enterprises. */
export const publicForge = (host: string): ForgeKind | null => PUBLIC_FORGES.get(host) ?? (host.endsWith('.ghe.com') ? 'github' : null)

/** Bytes of the largest pack that a forge takes in one push, as far as it is known (docs.github.com, "Troubleshooting the 2 GB push limit"). */
export const packLimitOf = (url: RemoteUrl): number | null =>
  url.protocol !== 'file' && publicForge(webHostOf(url)) === 'github' ? 2 ** 31 : null

/** The kind of forge at a host, if its name leaves no doubt. */
export const forgeKindOf = (host: string): ForgeKind | null => publicForge(host) ?? (host.startsWith('gitlab.') ? 'gitlab' : null)

/** The problem of a URL that names a repository without its owner; null for any other. The forge would answer it by asking for a password. */
export function missingOwner(url: RemoteUrl): string | null {
  if (url.protocol === 'file' || publicForge(webHostOf(url)) === null) return null
  if (url.path.split('/').filter(part => part !== '').length >= 2) return null
  return `the URL names no owner: at "${url.host}" a repository is at OWNER/REPOSITORY`
}

/** `owner/name`, or at GitLab with groups `a/b/name`; null where the path is no such thing. Only harmless characters, for the result goes into links. */
export function repositoryOf(path: string, kind: ForgeKind): string | null {
  const name = path.replace(/^\/|\/$/g, '').replace(/\.git$/, '')
  const parts = name.split('/')
  const isValid = parts.every(part => /^[\w.+-]+$/.test(part) && !/^\.{1,2}$/.test(part))
  return isValid && (parts.length === 2 || (kind === 'gitlab' && parts.length > 2)) ? parts.join('/') : null
}

/** The forge of the run, from its web address (GITHUB_SERVER_URL), where a URL leads to it; null where it does not. */
export function serverOfRun(url: RemoteUrl, serverUrl: string | null): URL | null {
  if (url.protocol === 'file' || serverUrl === null || !URL.canParse(serverUrl)) return null
  const server = new URL(serverUrl)
  return /^https?:$/.test(server.protocol) && unbracketed(server.hostname) === webHostOf(url) ? server : null
}

/** The path of a repository within its forge. That of the run may live below a path of its host: only a URL of the web names that path. */
export function pathAt(url: RemoteUrl, server: URL | null): string {
  const { path } = url
  const folder = server?.pathname.replace(/^\/|\/$/g, '') ?? ''
  return isWeb(url) && folder !== '' && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path
}

/** Web address of a repository's forge, without a slash at its end: ssh and git say nothing of the web's port, so the usual one is taken. */
export function webAddress(url: RemoteUrl, server: URL | null): string {
  if (server !== null) return `${server.origin}${server.pathname.replace(/\/$/, '')}`
  const host = webHostOf(url)
  return isWeb(url) ? originOf({ protocol: url.protocol, host, port: url.port }) : `https://${host}`
}

/** The address at which anyone may ask for a repository: its own, or that at the public forge of an SSH URL; null if it is unknown. */
export function publicAddress(url: RemoteUrl): string | null {
  if (isWeb(url)) return url.toGit()
  const host = webHostOf(url)
  const forge = publicForge(host)
  const repository = forge && repositoryOf(url.path, forge)
  return repository && `https://${host}/${repository}.git`
}

/** The address of a commit up to its oid, e.g. `https://github.com/o/r/commit/`; null if the forge is unknown. */
export function commitsUrl(url: RemoteUrl, serverUrl: string | null): string | null {
  const server = serverOfRun(url, serverUrl)
  const kind = server === null ? forgeKindOf(webHostOf(url)) : 'github'
  if (kind === null || url.protocol === 'file') return null
  const repository = repositoryOf(pathAt(url, server), kind)
  return repository === null ? null : `${webAddress(url, server)}/${repository}${COMMIT_FOLDERS[kind]}`
}
