import type { GitAccess } from '../git/environment.ts'
import type { GitRemote } from '../git/remote.ts'
import { isSameServer, originOf } from '../remote/server.ts'
import type { Side } from '../remote/side.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { Settings } from '../settings/settings.ts'
import { shellQuote } from '../text/quote.ts'
import type { TlsFiles } from './https.ts'

/** The LFS objects of one side; its URL is the LFS endpoint. */
export interface LfsRemote extends GitRemote {
  /** Path of a repository of this machine, in which they are; null = a server has them. */
  readonly repository: string | null
}

/** Who we are to a server of LFS objects. */
export interface LfsLogin {
  /** The server that the login is for; null where it is one that speaks ssh, or none. */
  readonly server: RemoteUrl | null
  readonly username: string
  readonly secret: string | null
  /** It is the server of the side itself, to which a client certificate of the settings belongs. */
  readonly isOwn: boolean
}

/** Whom a side's LFS server is told that we are: over https as the settings say of it, over ssh nobody is told anything but ssh's own login. */
export function lfsLogin({ lfsUrl, ...sides }: Pick<Settings, 'here' | 'there' | 'lfsUrl'>, side: Side): LfsLogin {
  const { url, username, secret } = lfsUrl[side] ?? sides[side]
  if (!isWeb(url)) return { server: null, username, secret: null, isOwn: true }
  return { server: url, username, secret, isOwn: isSameServer(url, sides[side].url) }
}

const isWeb = ({ protocol }: RemoteUrl): boolean => protocol === 'https' || protocol === 'http'

export interface LfsAccess {
  /** Also the name of the remote, for git-lfs. */
  readonly side: Side
  /** The endpoint. */
  readonly url: string
  readonly login: LfsLogin
  /** For git's credential protocol; null = nobody. */
  readonly credentialFile: string | null
  /** Variables with which git reaches the side itself, our ssh program among them. */
  readonly variables: Readonly<Record<string, string>>
  readonly tls: TlsFiles
}

/** A server that moves not one byte of an object for so many seconds is gone. Some hash a large object before they answer (GitLab: `lfs.activitytimeout 240`). */
export const LFS_STALL_SECONDS = 300

/** Tries for each object; after that it is for the run to try again. */
const MAX_TRIES = '2'

/**
 * How git-lfs reaches the objects of a side: settings and variables for this one endpoint (git-lfs-config(5)).
 *
 * The login goes by a credential helper of git, for the one server that it is for, and not as a header: git-lfs would send that next to the one
 * that a server of the same name gives for an object.
 */
export function lfsAccess({ side, url, login, credentialFile, variables, tls }: LfsAccess): GitAccess {
  const config: [string, string][] = [
    [`remote.${side}.url`, url],
    [`remote.${side}.lfsurl`, url],
    ['lfs.locksverify', 'false'],
    ['lfs.allowincompletepush', 'false'],
    ['lfs.ssh.automultiplex', 'false'],
    ['lfs.ssh.retries', MAX_TRIES],
    ['lfs.activitytimeout', String(LFS_STALL_SECONDS)],
    ['lfs.transfer.maxretries', MAX_TRIES],
  ]
  const base = login.server === null ? null : originOf(login.server)
  if (base !== null && credentialFile !== null) {
    config.push([`credential.${base}.helper`, helperFor(credentialFile)])
    config.push([`lfs.${url}.access`, 'basic'])
  }
  if (base !== null && login.isOwn && tls.certificate !== null) config.push([`http.${base}.sslCert`, tls.certificate])
  if (base !== null && login.isOwn && tls.key !== null) config.push([`http.${base}.sslKey`, tls.key])
  return {
    // What a server that speaks ssh has to give may be at one that speaks https.
    protocol: 'https',
    config,
    variables: {
      ...variables,
      // git-lfs asks git for the refs of a remote, which are of no use to it here.
      GIT_ALLOW_PROTOCOL: 'none',
      ...(tls.authorities !== null && { GIT_SSL_CAINFO: tls.authorities }),
    },
  }
}

/** Gives the login until it is refused: git-lfs would ask again and again, without end. */
function helperFor(file: string): string {
  const quoted = shellQuote(file)
  return `!f() { case "$1" in get) cat ${quoted} 2>/dev/null;; erase) rm -f ${quoted};; esac; }; f`
}
