import { classify, REQUEST_LIMIT } from '../errors/error-table.ts'
import { Failure } from '../errors/failure.ts'
import type { Kind } from '../errors/kinds.ts'
import type { HttpAnswer } from './http-answer.ts'
import { CLIENT_CERTIFICATE } from './network-failure.ts'

/** The kind, the message, and a hint that replaces the kind's own. */
type Meaning = readonly [Kind, string, (string | undefined)?]

/** Statuses that are clear without the body: a page may hold any text. */
const BY_STATUS: Readonly<Record<number, Meaning>> = {
  203: [
    'credentials-refused',
    'the server answered with a sign-in page',
    'give a valid token in `auth-secret` (for the repository of the run: `token`): it is missing, has expired, or lacks the scope for code',
  ],
  407: ['proxy-refused', 'a proxy asks for a user and a password'],
  408: ['timed-out', 'the server waited too long for the request'],
  411: ['length-required', 'the server takes only requests of a known length'],
  413: ['large-file', 'the server refuses a request of this size', REQUEST_LIMIT],
  423: ['read-only-for-now', 'the repository is locked'],
  429: ['rate-limited', 'the server takes no more requests for now'],
}

/** The meaning of a status whose answer has no message that the table knows. */
const OTHERWISE: Readonly<Record<number, Meaning>> = {
  400: ['bad-request', 'the server does not understand the request'],
  403: ['permission-denied', 'the server denies access'],
  404: ['repository-not-found', 'the server knows no such repository'],
  410: ['repository-not-found', 'the repository is gone'],
  451: ['repository-blocked', 'the repository is not available for legal reasons'],
}

/** The failure for an answer that is no success. @param text the beginning of the body, without secrets @param hasSecret the request had credentials */
export function statusFailure(answer: Pick<HttpAnswer, 'status' | 'contentType' | 'header'>, text: string, hasSecret: boolean): Failure {
  const { status, contentType, header } = answer
  const words = wordsOf(contentType, text)
  const [kind, what, hint] = meaningOf(status, contentType, hasSecret, words)
  const retryAfterMs = parseRetryAfter(header('retry-after'), Date.now())
  return new Failure(kind, `${what} (HTTP ${status})`, { detail: words, retryAfterMs, hint })
}

function meaningOf(status: number, contentType: string, hasSecret: boolean, words: string): Meaning {
  if (status === 401 && hasSecret)
    return ['credentials-refused', 'the server refused the credentials', hintOn('credentials-refused', words)]
  if (status === 401) return ['credentials-missing', 'the server asks for credentials', hintOn('credentials-missing', words)]
  if (status === 400 && /No required SSL certificate was sent/.test(words))
    return ['credentials-missing', 'the server asks for a client certificate', CLIENT_CERTIFICATE]
  const sure = BY_STATUS[status]
  if (sure) return sure
  // Messages about connections come from a proxy about a server behind it, and a page is no message.
  const row = contentType === 'text/plain' ? classify(words) : null
  const other: Meaning =
    status >= 500 ? ['server-error', 'the server failed'] : ['remote-error', 'the server answered with an unexpected status']
  const usual = OTHERWISE[status] ?? other
  return row !== null && row.scope !== 'connection' ? [row.kind, usual[1], row.hint] : usual
}

/** A more exact hint, if the message has one for this kind. */
function hintOn(kind: Kind, words: string): string | undefined {
  const row = classify(words)
  return row?.kind === kind ? row.hint : undefined
}

/** The message in a body; for a page its title, as the rest is for browsers. */
function wordsOf(contentType: string, text: string): string {
  if (contentType === 'text/html') return (/<title[^>]{0,200}>([^<]{0,500})/i.exec(text)?.[1] ?? '').replace(/\s+/g, ' ').trim()
  return contentType.startsWith('text/') ? text : ''
}

/** Milliseconds to wait: the header has seconds, or a date (RFC 9110 §10.2.3). null without a header, and for any other value. */
export function parseRetryAfter(value: string | null, now: number): number | null {
  const text = value?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const date = /^[A-Z][a-z]{2,8},? .*GMT$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
