import type { RemoteUrl } from './url.ts'

export interface ForgeOptions {
  /** Web address of the forge that the run belongs to, as its runner says it; null where there is none. */
  readonly serverUrl: string | null
}

// Names under which forges offer ssh on port 443.
export const SSH_HOSTS: ReadonlyMap<string, string> = new Map([
  ['ssh.github.com', 'github.com'],
  ['altssh.gitlab.com', 'gitlab.com'],
  ['altssh.bitbucket.org', 'bitbucket.org'],
])

const COMMIT_FOLDERS: ReadonlyMap<string, string> = new Map([
  ['github.com', '/commit/'],
  ['codeberg.org', '/commit/'],
  ['gitea.com', '/commit/'],
  ['bitbucket.org', '/commits/'],
])

/** Whether a host is a forge that everybody knows, or is named as one of GitLab's. */
export const isPublicForge = (host: string): boolean => COMMIT_FOLDERS.has(host) || host.startsWith('gitlab.')

/** `owner/name`, or with groups `a/b/name`; null where the path is no such thing. Only harmless characters, for the result goes into links. */
export const repositoryOf = (path: string): string | null => {
  const parts = path
    .replace(/^\//, '')
    .replace(/\/$/, '')
    .replace(/\.git$/, '')
    .split('/')
  const valid = parts.every(part => /^[\w.+-]+$/.test(part) && !/^\.{1,2}$/.test(part))
  return valid && parts.length >= 2 ? parts.join('/') : null
}

const parseServerUrl = (text: string | null): URL | null => {
  if (text === null || !URL.canParse(text)) return null
  const url = new URL(text)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : null
}

/** Web address of a repository's forge, without a slash at its end: ssh says nothing of the web's port, so the usual one is taken. */
export const webAddress = (url: RemoteUrl, host: string): string => {
  if (url.protocol === 'ssh') return `https://${host}`
  return `${url.protocol}://${host}${url.port === null ? '' : `:${url.port}`}`
}

/**
 * Where the forge shows a commit, up to its oid, e.g. `https://github.com/o/r/commit/`; null where the forge is not known.
 * Known are the forge of the run (`serverUrl`: GitHub Enterprise, Gitea, Forgejo), the public ones, and hosts named `gitlab.*`.
 */
export const commitsUrl = (url: RemoteUrl, options: ForgeOptions): string | null => {
  if (url.protocol === 'file') return null
  const host = SSH_HOSTS.get(url.host) ?? url.host
  const server = parseServerUrl(options.serverUrl)
  if (server !== null && server.hostname.toLowerCase() === host) return commitsAt(server, url)
  const repository = repositoryOf(url.path)
  if (repository === null) return null
  if (host.startsWith('gitlab.')) return `${webAddress(url, host)}/${repository}/-/commit/`
  const folder = COMMIT_FOLDERS.get(host)
  if (folder === undefined || repository.split('/').length !== 2) return null
  return `${webAddress(url, host)}/${repository}${folder}`
}

/** The same at the forge of the run, which may live below a path of its host: an https URL names that path, an ssh URL does not. */
const commitsAt = (server: URL, url: RemoteUrl): string | null => {
  const folder = server.pathname.replace(/\/$/, '')
  const below = url.protocol !== 'ssh' && `/${url.path}`.startsWith(`${folder}/`) ? `/${url.path}`.slice(folder.length) : url.path
  const repository = repositoryOf(below)
  return repository === null || repository.split('/').length !== 2 ? null : `${server.origin}${folder}/${repository}/commit/`
}
