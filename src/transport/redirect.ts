import { Failure } from '../errors/failure.ts'
import type { Service } from '../git/process.ts'
import { MESSAGE_CHARACTERS } from '../limits/limits.ts'

export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

/** The end of the address with which a service is opened, after the base of the repository (gitprotocol-http(5), "Discovering References"). */
export const discoveryTail = (service: Service): string => `/info/refs?service=git-${service}`

/** The address of a repository, without the end that git adds; null where the URL has no such end. */
export function baseOf(url: URL, service: Service): string | null {
  const tail = discoveryTail(service)
  const text = `${url.origin}${url.pathname}${url.search}`
  return text.endsWith(tail) ? text.slice(0, -tail.length) : null
}

export interface Redirected {
  readonly from: URL
  /** The header; null if missing. */
  readonly location: string | null
  readonly service: Service
  /** Takes secrets out of a text. */
  readonly hide: (text: string) => string
}

/** The target of a redirect: https, or http from http; with credentials only the same origin. @throws Failure `redirected` */
export function followRedirect(redirected: Redirected, hasCredentials: boolean): URL {
  const { from, service } = redirected
  const to = targetOf(redirected)
  if (to === null) throw new Failure('redirected', 'the server redirects, but does not say where to')
  const refuse = (why: string) => new Failure('redirected', `the server redirects to "${nameOf(to, redirected)}"${why}`)
  if (to.protocol !== 'https:' && !(from.protocol === 'http:' && to.protocol === 'http:')) throw refuse(', which is not https')
  if (hasCredentials && to.origin !== from.origin) throw refuse(', to which the credentials were not sent')
  if (baseOf(to, service) === null) throw refuse(', which is no address of a repository')
  to.username = ''
  to.password = ''
  return to
}

/** The failure for a redirect of a request that must not be redirected. */
export function redirectedRequest(redirected: Redirected): Failure {
  const to = targetOf(redirected)
  return new Failure('redirected', `the server redirects a request${to === null ? '' : ` to "${nameOf(to, redirected)}"`}`)
}

const targetOf = ({ from, location }: Redirected): URL | null =>
  location !== null && URL.canParse(location, from.href) ? new URL(location, from.href) : null

/** For messages: the repository's address if it is known; without query, user and password, which may be secret. */
const nameOf = (url: URL, { service, hide }: Redirected): string =>
  hide(baseOf(url, service) ?? `${url.protocol}//${url.host}${url.pathname}`).slice(0, MESSAGE_CHARACTERS)
