import type { GitAccess } from '../git/environment.ts'
import { originOf } from '../remote/server.ts'
import type { RemoteUrl } from '../remote/url.ts'

/** PEM files; null = none, for authorities: the system's. */
export interface TlsFiles {
  /** All that are trusted. */
  readonly authorities: string | null
  readonly certificate: string | null
  readonly key: string | null
}

/** A server that sends not one byte for so many seconds is gone; receive-pack reports progress every 5 s while it works. */
const STALL_SECONDS = 300

/**
 * How git shows who we are over HTTP: an `Authorization` header from its environment, for this one server alone.
 *
 * git follows the redirect of its first request (`http.followRedirects=initial`, its own rule), but would then send our header to
 * wherever it was led. So with credentials, a client certificate among them, it follows none, and the failure says what to do.
 */
export function httpsAccess(
  url: RemoteUrl,
  username: string,
  secret: string | null,
  { authorities, certificate, key }: TlsFiles,
): GitAccess {
  const base = `${originOf(url)}/`
  const config: [string, string][] = [
    ['http.followRedirects', secret === null && certificate === null ? 'initial' : 'false'],
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', String(STALL_SECONDS)],
  ]
  if (secret !== null) config.push([`http.${base}.extraHeader`, `Authorization: Basic ${basicToken(username, secret)}`])
  if (certificate !== null) config.push([`http.${base}.sslCert`, certificate])
  if (key !== null) config.push([`http.${base}.sslKey`, key])
  // As a variable, because one in the environment would win over the configuration.
  return { protocol: url.protocol, config, variables: authorities === null ? {} : { GIT_SSL_CAINFO: authorities } }
}

/** RFC 7617: base64 of `user:password` in UTF-8. A line's end after a pasted token is not part of it. */
export const basicToken = (username: string, secret: string): string =>
  Buffer.from(`${username}:${secret.trim()}`, 'utf8').toString('base64')
