import type { Kind } from '../errors/kinds.ts'
import { CONNECT_CODES } from '../errors/network-codes.ts'
import { Failure } from '../failure.ts'

/** Where and how far a connection was when it failed. */
export interface ConnectionStage {
  /** `user@host`, with the port where it is not 22. */
  readonly destination: string
  /** Type and fingerprint of the key that was offered; null before it was. */
  readonly offeredKey: string | null
  readonly authenticated: boolean
  /** What the server said of itself before the login, and which methods of authentication it would take. */
  readonly remarks: readonly string[]
}

/** ssh2's own texts; it gives them no codes. */
const BY_TEXT: readonly (readonly [RegExp, Kind, string])[] = [
  [/^Timed out while waiting for handshake/, 'timed-out', 'the server did not answer in time'],
  [/^Keepalive timeout/, 'timed-out', 'the server no longer answers'],
  [/^Handshake failed: no matching/, 'remote-error', 'the server and this program have no algorithm in common'],
  [/^(Invalid identification|Protocol version not supported|Expected)/i, 'remote-error', 'the answer is not that of an SSH server'],
]

/** Reason codes of a disconnect that speak of authentication: TOO_MANY…, NO_MORE_AUTH_METHODS_AVAILABLE, ILLEGAL_USER_NAME (RFC 4253 §11.1). */
const AUTHENTICATION_REASONS: readonly unknown[] = [14, 15]

/** What ssh2 or the socket reported, as the failure of a connection. */
export function connectionFailure(error: Error & { level?: string; code?: unknown }, stage: ConnectionStage): Failure {
  const { destination, offeredKey, authenticated, remarks } = stage
  const detail = [...remarks, error.message].join('\n')
  const fail = (kind: Kind, what: string): Failure => new Failure(kind, `${what}: "${destination}"`, { detail, cause: error })

  const refused =
    error.level === 'client-authentication' || AUTHENTICATION_REASONS.includes(error.code) || /authentication failures/i.test(error.message)
  if (refused && !authenticated && offeredKey !== null) {
    return new Failure('ssh-key-refused', `"${destination}" refused the key ${offeredKey}`, { detail, cause: error })
  }
  const known = typeof error.code === 'string' ? CONNECT_CODES[error.code] : undefined
  if (known) return fail(...known)
  const text = BY_TEXT.find(([pattern]) => pattern.test(error.message))
  if (text) return fail(text[1], text[2])
  return fail('connection-lost', 'the connection was lost')
}
