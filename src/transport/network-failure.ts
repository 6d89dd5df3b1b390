import { Failure, messageOf } from '../errors/failure.ts'
import type { Kind } from '../errors/kinds.ts'
import { CONNECT_CODES } from '../errors/network-codes.ts'

/** The authority is unknown: another list of authorities may have it (X509_verify_cert_error_string(3)). */
const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
])

/** Certificates that no authority can make valid. */
const BAD_CERTIFICATE =
  /^(?:CERT_|CRL_|UNABLE_TO_(?:GET_CRL|DECRYPT|DECODE)|ERROR_IN_CERT_|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/

const HTTP_CODES: Readonly<Record<string, readonly [Kind, string]>> = {
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ['credentials-missing', 'the server asks for a client certificate'],
  HPE_HEADER_OVERFLOW: ['protocol-error', 'the header of the answer does not end'],
  Z_BUF_ERROR: ['connection-lost', 'the compressed answer ends in the middle'],
  Z_DATA_ERROR: ['protocol-error', 'the answer is not compressed as it says'],
}

/** An error of a connection as a Failure. @param place `host:port`, with what it is where it is not the server itself */
export function networkFailure(error: unknown, place: string): Failure {
  if (error instanceof Failure) return error
  const code = codeOf(error)
  const detail = messageOf(error)
  const fail = (kind: Kind, what: string, hint?: string) => new Failure(kind, `${what}: "${place}"`, { detail, hint, cause: error })
  if (isUnknownAuthority(error)) return fail('tls-untrusted', 'the certificate is signed by an authority that is not trusted')
  if (code === 'CERT_HAS_EXPIRED') return fail('tls-untrusted', 'the certificate has expired', RENEW)
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return fail('tls-untrusted', 'the certificate is for another name', NAME)
  if (BAD_CERTIFICATE.test(code)) return fail('tls-untrusted', 'the certificate cannot be trusted', RENEW)
  const known = CONNECT_CODES[code] ?? HTTP_CODES[code]
  if (known) return fail(...known, code.includes('CERTIFICATE_REQUIRED') ? CLIENT_CERTIFICATE : undefined)
  if (code.startsWith('HPE_')) return fail('protocol-error', 'the answer is not HTTP')
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return fail('remote-error', 'the server and this program cannot agree on TLS', TLS)
  return fail('connection-lost', 'the connection was lost')
}

const RENEW = "let the server's owner put a valid certificate in place"
const TLS = 'check scheme and port of the URL: it may be something else than TLS that answers there, or a version from before TLS 1.2'
const NAME = 'use the name in the URL that the certificate is for'
export const CLIENT_CERTIFICATE = 'set `client-certificate` and `client-key`'

export const isUnknownAuthority = (error: unknown): boolean => UNKNOWN_AUTHORITY.has(codeOf(error))

/** The connection was closed by the other side, as happens to one that was idle for long. */
export const isReset = (error: unknown): boolean => ['ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED'].includes(codeOf(error))

/** Several addresses that all failed come as one error with `errors`. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  return 'errors' in error && Array.isArray(error.errors) ? codeOf(error.errors[0]) : ''
}
