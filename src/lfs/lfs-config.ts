import { webHostOf } from '../remote/forge.ts'
import { endpointOf } from '../remote/lfs-endpoint.ts'
import { isSameServer } from '../remote/server.ts'
import { parseRemoteUrl, RemoteUrl } from '../remote/url.ts'
import { readGitConfig } from './git-config.ts'

/**
 * The URL to which a `.lfsconfig` leads downloads: its `lfs.url`, else the `lfsurl` of `origin`, which git-lfs takes from there, too, and which is what a
 * clone's remote is called. Its `lfs.pushurl` is for uploads alone; no other key that git-lfs takes from there names a place (config/git_fetcher.go).
 * @returns null where there is none, or where git refuses to read the file
 */
export function readLfsConfig(text: string): string | null {
  const values = readGitConfig(text)
  return values?.get('lfs.url') ?? values?.get('remote.origin.lfsurl') ?? null
}

/** Whether a run may use the URL in a repository's `.lfsconfig`. */
export type LfsConfigUse = 'same-host' | 'other-host' | 'unusable'

/**
 * Whether the URL in a `.lfsconfig`, which every user with write access can change, leads to the server that the run talks to anyway. Only `same-host` may be
 * followed, and without what stands before an `@` in it.
 *
 * - `same-host`: the protocol, host and port of the remote; for a local repository, its own path. Over SSH also the remote's user, as the login
 *   is for that one alone. A remote over SSH may be led to https on its host, at the usual port: the run has nothing to show there, as its key or
 *   password belongs to the SSH server alone, so at most it sends objects to the host that has them. Another port may belong to another user of the host.
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
    const web = { protocol: 'https', host: webHostOf(remote), port: null } as const
    return isSameServer(target, web) ? 'same-host' : 'other-host'
  }
  if (target.host !== remote.host) return 'other-host'
  if (target.protocol === 'ssh' && (remote.protocol !== 'ssh' || (target.user !== null && target.user !== remote.user))) return 'unusable'
  return isSameServer(target, remote) ? 'same-host' : 'other-host'
}
