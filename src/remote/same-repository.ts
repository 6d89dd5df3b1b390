import { forgeKindOf, webHostOf } from './forge.ts'
import { isWeb, portOf, unbracketed } from './server.ts'
import type { RemoteUrl } from './url.ts'

/** The parts of a URL that decide whether another URL leads to the same repository. */
export type RepositoryAddress = Pick<RemoteUrl, 'protocol' | 'host' | 'port' | 'user' | 'path'>

/** git tries a name with and without its `.git` (enter_repo in path.c). */
export const withoutSuffix = (path: string): string => path.replace(/(?<!\/)\/+$/, '').replace(/\.git$/, '')

/** A forge takes `owner/name` in any case, and knows no other folder. */
const forgePath = (path: string): string => withoutSuffix(path).replace(/^\/+/, '').toLowerCase()

/**
 * Whether two URLs certainly name one repository: the host in any case, with or without `.git`, and at a known forge by ssh or https. On any other server
 * an ssh path is a place on its disk, of which an https URL says nothing.
 */
export function isSameRepository(one: RepositoryAddress, other: RepositoryAddress): boolean {
  if (one.protocol === 'file' || other.protocol === 'file')
    return one.protocol === other.protocol && one.path.replace(/(?<!\/)\/+$/, '') === other.path.replace(/(?<!\/)\/+$/, '')
  if (webHostOf(one) !== webHostOf(other)) return false
  if (forgeKindOf(webHostOf(one)) !== null) return forgePath(one.path) === forgePath(other.path)
  if (isWeb(one) !== isWeb(other) || portOf(one) !== portOf(other)) return false
  // A path without a slash in front begins at the home of the user that logs in.
  const isAtHome = one.protocol === 'ssh' && !one.path.startsWith('/')
  return withoutSuffix(one.path) === withoutSuffix(other.path) && (!isAtHome || one.user === other.user)
}

/** Whether a URL certainly leads to `owner/name` on the forge of the run, by ssh or https. The port of ssh is unknown, so it is ignored. */
export function isRepositoryOfRun(url: RepositoryAddress, repository: string, serverUrl: string): boolean {
  if (url.protocol === 'file' || !URL.canParse(serverUrl)) return false
  const server = new URL(serverUrl)
  const name = unbracketed(server.hostname)
  if (url.protocol === 'ssh') return webHostOf(url) === name && forgePath(url.path) === forgePath(repository)
  const web: RepositoryAddress = { protocol: server.protocol === 'http:' ? 'http' : 'https', host: name, port: null, user: null, path: '' }
  const port = server.port === '' ? portOf(web) : Number(server.port)
  return url.host === name && portOf(url) === port && forgePath(url.path) === forgePath(`${server.pathname}/${repository}`)
}
