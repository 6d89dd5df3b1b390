import { authorizationOf, type WebLogin } from '../credentials/authorization.ts'
import type { GitAccess } from '../git/environment.ts'
import type { GitRemote } from '../git/remote.ts'
import { IDLE_MS } from '../limits/limits.ts'
import { isSameServer, isWeb, originOf } from '../remote/server.ts'
import type { Side } from '../remote/side.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { Settings } from '../settings/settings.ts'
import { shellQuote } from '../text/quote.ts'
import type { TlsFiles } from './https.ts'

/** The LFS objects of one side; its URL is the LFS endpoint. */
export interface LfsRemote extends GitRemote {
  /** Path of a local repository that has the objects; null = a server has them. */
  readonly repository: string | null
}

/** The login at a server of LFS objects. */
export interface LfsLogin extends WebLogin {
  /** null for an LFS server over SSH, and for a local path. */
  readonly server: RemoteUrl | null
  /** It is the server of the side itself, which gets the client certificate of the settings. */
  readonly isOwn: boolean
}

/** The login at a side's LFS server over HTTPS. Over SSH there is no login besides that of SSH itself. */
export function lfsLogin({ lfsUrl, ...sides }: Pick<Settings, 'here' | 'there' | 'lfsUrl'>, side: Side): LfsLogin {
  const { url, username, secret, scheme } = lfsUrl[side] ?? sides[side]
  if (!isWeb(url)) return { server: null, username, secret: null, scheme, isOwn: true }
  return { server: url, username, secret, scheme, isOwn: isSameServer(url, sides[side].url) }
}

interface LfsAccess {
  /** Also the name of the remote, for git-lfs. */
  readonly side: Side
  /** The endpoint. */
  readonly url: string
  readonly login: LfsLogin
  /** For git's credential protocol. */
  readonly credentialFile: string | null
  /** The variables with which git reaches the side itself. */
  readonly variables: Readonly<Record<string, string>>
  readonly tls: TlsFiles
}

/** For each object; then the run itself retries. */
const MAX_TRIES = '2'

/**
 * Configuration and variables of git-lfs for one endpoint (git-lfs-config(5)).
 *
 * A credential helper of git gives the login, only to its own server. A header would be sent in addition to the one that the same server gives for an
 * object. Helpers know no Bearer before git 2.46, so such a token is a header, but only of the request that asks for objects.
 */
export function lfsAccess({ side, url, login, credentialFile, variables, tls }: LfsAccess): GitAccess {
  const config: [string, string][] = [
    [`remote.${side}.url`, url],
    [`remote.${side}.lfsurl`, url],
    ['lfs.locksverify', 'false'],
    ['lfs.allowincompletepush', 'false'],
    ['lfs.ssh.automultiplex', 'false'],
    ['lfs.ssh.retries', MAX_TRIES],
    ['lfs.activitytimeout', String(IDLE_MS / 1000)],
    ['lfs.transfer.maxretries', MAX_TRIES],
  ]
  const base = login.server === null ? null : originOf(login.server)
  if (base !== null && credentialFile !== null) {
    config.push([`credential.${base}.helper`, helperFor(credentialFile)])
    config.push([`lfs.${url}.access`, 'basic'])
  }
  if (base !== null && login.scheme === 'bearer' && login.secret !== null)
    config.push([`http.${url}/objects/batch.extraHeader`, `Authorization: ${authorizationOf(login)}`])
  if (base !== null && login.isOwn && tls.certificate !== null) config.push([`http.${base}.sslCert`, tls.certificate])
  if (base !== null && login.isOwn && tls.key !== null) config.push([`http.${base}.sslKey`, tls.key])
  const authorities = tls.authorities === null ? {} : { GIT_SSL_CAINFO: tls.authorities }
  // An LFS server over SSH may name a server over HTTPS for the objects. git-lfs also asks git for the refs of the remote, which it does not need.
  return { protocol: 'https', config, variables: { ...variables, GIT_ALLOW_PROTOCOL: 'none', ...authorities } }
}

/** Gives the login until it is refused, because git-lfs would ask for it without end. */
function helperFor(file: string): string {
  const quoted = shellQuote(file)
  return `!f() { case "$1" in get) cat ${quoted} 2>/dev/null;; erase) rm -f ${quoted};; esac; }; f`
}
