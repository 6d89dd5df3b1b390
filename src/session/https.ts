import { authorizationOf, type WebLogin } from '../credentials/authorization.ts'
import type { GitAccess } from '../git/environment.ts'
import { IDLE_MS } from '../limits/limits.ts'
import { originOf } from '../remote/server.ts'
import type { RemoteUrl } from '../remote/url.ts'

/** Paths of PEM files. */
export interface TlsFiles {
  /** All trusted authorities; null = those of the system. */
  readonly authorities: string | null
  readonly certificate: string | null
  readonly key: string | null
}

/**
 * The login of git over HTTP: an `Authorization` header from its environment, only for this one server.
 *
 * By default git follows the redirect of its first request (`http.followRedirects=initial`), and would send the header to the new address as well.
 * With credentials or a client certificate it therefore follows no redirect, and the failure says what to do.
 */
export function httpsAccess(url: RemoteUrl, login: WebLogin, tls: TlsFiles): GitAccess {
  const { authorities, certificate, key } = tls
  const authorization = authorizationOf(login)
  const base = `${originOf(url)}/`
  const config: [string, string][] = [
    ['http.followRedirects', authorization === null && certificate === null ? 'initial' : 'false'],
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', String(IDLE_MS / 1000)],
  ]
  if (authorization !== null) config.push([`http.${base}.extraHeader`, `Authorization: ${authorization}`])
  if (certificate !== null) config.push([`http.${base}.sslCert`, certificate])
  if (key !== null) config.push([`http.${base}.sslKey`, key])
  // A variable, because one of the user's environment would win over the configuration.
  return { protocol: url.protocol, config, variables: authorities === null ? {} : { GIT_SSL_CAINFO: authorities } }
}
