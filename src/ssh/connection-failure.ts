import type { Socket } from 'node:net'
import { classify } from '../errors/error-table.ts'
import { Failure } from '../errors/failure.ts'
import type { Kind } from '../errors/kinds.ts'
import { CONNECT_CODES } from '../errors/network-codes.ts'
import { oneLine } from '../text/escape.ts'

/** The stage of a connection when it failed. */
export interface ConnectionStage {
  /** `user@host`, with the port where it is not 22. */
  readonly destination: string
  readonly authenticated: boolean
  /** Messages of the server and the agent before the login. */
  readonly remarks: readonly string[]
  /** Why there was no login, where the server has refused one. @param detail what else is known */
  refusal(detail: string): Failure | null
}

/** ssh2's own texts; it gives them no codes. */
const BY_TEXT: readonly (readonly [RegExp, Kind, string])[] = [
  [/^Timed out while waiting for handshake/, 'timed-out', 'the server did not answer in time'],
  [/^Keepalive timeout/, 'timed-out', 'the server no longer answers'],
  [/^Handshake failed: no matching/, 'ssh-algorithms', 'the server and this program have no algorithm in common'],
  [/^(Invalid identification|Protocol version not supported|Expected)/i, 'remote-error', 'the answer is not that of an SSH server'],
]

/** Reason codes of a disconnect that speak of authentication: TOO_MANY…, NO_MORE_AUTH_METHODS_AVAILABLE, ILLEGAL_USER_NAME (RFC 4253 §11.1). */
const AUTHENTICATION_REASONS: readonly unknown[] = [14, 15]

/** The Failure for an error of ssh2 or of the socket. */
export function connectionFailure(error: Error & { level?: string; code?: unknown }, stage: ConnectionStage): Failure {
  if (error instanceof Failure) return error
  const { destination, authenticated, remarks } = stage
  // Every failed login has this message, which says nothing about the reason.
  const words = error.message === 'All configured authentication methods failed' ? [] : [error.message]
  const detail = [...remarks, ...words].join('\n')
  const fail = (kind: Kind, what: string): Failure => new Failure(kind, `${what}: "${destination}"`, { detail, cause: error })

  const refused =
    error.level === 'client-authentication' || AUTHENTICATION_REASONS.includes(error.code) || /authentication failures/i.test(error.message)
  const refusal = refused && !authenticated ? stage.refusal(detail) : null
  if (refusal !== null) return refusal
  const known = typeof error.code === 'string' ? CONNECT_CODES[error.code] : undefined
  if (known) return fail(...known)
  const text = BY_TEXT.find(([pattern]) => pattern.test(error.message))
  if (text) return fail(text[1], text[2])
  // A text that is not one of its own may be the disconnect message of the server.
  return fail(classify(error.message)?.kind ?? 'connection-lost', 'the connection was lost')
}

// The lines before the version (RFC 4253 §4.2) are rarely longer.
const MAX_WORDS = 4096
const MAX_SHOWN = 80

/** Records the first bytes of a server. @returns the failure of a server that speaks another protocol than SSH; null for any other */
export function listenForSsh(socket: Socket, name: string): () => Failure | null {
  let words = ''
  const listen = (data: Buffer): void => {
    words += data.toString('latin1')
    if (words.length > MAX_WORDS || speaksSsh(words)) socket.off('data', listen)
  }
  socket.on('data', listen)
  return () => {
    if (words === '' || speaksSsh(words)) return null
    const line = oneLine(words.split('\n', 1)[0] ?? '').slice(0, MAX_SHOWN)
    const hint = 'check host and port; SSH servers usually listen on port 22'
    return new Failure('remote-error', `"${name}" is no SSH server: it says "${line}"`, { hint })
  }
}

const speaksSsh = (words: string): boolean => /^SSH-/m.test(words)
