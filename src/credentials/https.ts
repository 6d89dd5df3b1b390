import type { GitAccess } from '../git/environment.ts'
import type { RemoteUrl } from '../remote/url.ts'

/** A server that sends not one byte for so many seconds is gone; receive-pack reports progress every 5 s while it works. */
const STALL_SECONDS = 300

/**
 * How git shows who we are over HTTP: an `Authorization` header from its environment, for this one server alone.
 *
 * git follows the redirect of its first request (`http.followRedirects=initial`, its own rule), but would then send our header to
 * wherever it was led. So with credentials it follows none, and the failure says what to do.
 * @param caFile PEM file with all authorities to trust; null = the system's
 */
export function httpsAccess(url: RemoteUrl, username: string, secret: string | null, caFile: string | null): GitAccess {
  const host = url.host.includes(':') ? `[${url.host}]` : url.host
  const base = `${url.protocol}://${host}${url.port === null ? '' : `:${url.port}`}/`
  const config: [string, string][] = [
    ['http.followRedirects', secret === null ? 'initial' : 'false'],
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', String(STALL_SECONDS)],
  ]
  if (secret !== null) config.push([`http.${base}.extraHeader`, `Authorization: Basic ${basicToken(username, secret)}`])
  // As a variable, because one in the environment would win over the configuration.
  return { protocol: url.protocol, config, variables: caFile === null ? {} : { GIT_SSL_CAINFO: caFile } }
}

/** RFC 7617: base64 of `user:password` in UTF-8. A line's end after a pasted token is not part of it. */
const basicToken = (username: string, secret: string): string => Buffer.from(`${username}:${secret.trim()}`, 'utf8').toString('base64')
