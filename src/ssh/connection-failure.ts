import type { Socket } from 'node:net'
import type { Client as Ssh2Client } from 'ssh2'
import { classify } from '../errors/error-table.ts'
import { Failure } from '../errors/failure.ts'
import type { Kind } from '../errors/kinds.ts'
import { CONNECT_CODES } from '../errors/network-codes.ts'
import { QUOTED_CHARACTERS, SSH_OFFER_BYTES, SSH_PREAMBLE_BYTES } from '../limits/limits.ts'
import { oneLine } from '../text/escape.ts'
import { noAlgorithm } from './server-offer.ts'

/** The message for each phase of a connection that was not done in time. */
const LATE = {
  connection: 'the connection was not made',
  greeting: 'the server sent no greeting of an SSH server',
  'key exchange': 'the key exchange was not complete',
  login: 'the login was not complete',
  command: 'the server did not start the command',
} as const

/** The stage of a connection when it failed. */
export interface ConnectionStage {
  /** `user@host`, with the port where it is not 22. */
  readonly destination: string
  phase: keyof typeof LATE
  /** For everything before the command. */
  readonly limitMs: number
  /** Messages of the server and the agent before the login. */
  readonly remarks: readonly string[]
  /** The first bytes of the server, up to the end of the key exchange, as Latin-1. */
  greeting: string
  /** Why there was no login, where the server has refused one. @param detail what else is known */
  refusal(detail: string): Failure | null
}

/** The stage of a connection that begins. */
export const firstStage = (of: Omit<ConnectionStage, 'phase' | 'greeting'>): ConnectionStage => ({
  ...of,
  phase: 'connection',
  greeting: '',
})

/** ssh2's own texts; it gives them no codes. */
const BY_TEXT: readonly (readonly [RegExp, Kind, string])[] = [
  [/^Keepalive timeout/, 'timed-out', 'the server no longer answers'],
  [/^(Invalid identification|Protocol version not supported|Expected)/i, 'remote-error', 'the answer is not that of an SSH server'],
]

/** Reason codes of a disconnect that speak of authentication: TOO_MANY…, NO_MORE_AUTH_METHODS_AVAILABLE, ILLEGAL_USER_NAME (RFC 4253 §11.1). */
const AUTHENTICATION_REASONS: readonly unknown[] = [14, 15]

const NO_ALIASES =
  "check the host's name and the runner's DNS; `~/.ssh/config` is not read: for one of its aliases, give host, port and user in the URL, and the key in `auth-secret`"

/** The Failure for an error of ssh2 or of the socket. */
export function connectionFailure(error: Error & { level?: string; code?: unknown }, stage: ConnectionStage): Failure {
  if (error instanceof Failure) return error
  const { destination, phase, remarks, greeting } = stage
  if (/^Timed out while waiting for handshake/.test(error.message)) return tooLate(stage)
  // Every failed login has this message, which says nothing about the reason.
  const words = error.message === 'All configured authentication methods failed' ? [] : [error.message]
  const detail = [...remarks, ...words].join('\n')
  const fail = (kind: Kind, what: string): Failure =>
    new Failure(kind, `${what}: "${destination}"`, { detail, hint: kind === 'host-not-found' ? NO_ALIASES : undefined, cause: error })

  const refused =
    error.level === 'client-authentication' || AUTHENTICATION_REASONS.includes(error.code) || /authentication failures/i.test(error.message)
  const refusal = refused && phase !== 'command' ? stage.refusal(detail) : null
  if (refusal !== null) return refusal
  const known = typeof error.code === 'string' ? CONNECT_CODES[error.code] : undefined
  if (known) return fail(...known)
  const algorithm = noAlgorithm(error, greeting, destination)
  if (algorithm !== null) return algorithm
  const text = BY_TEXT.find(([pattern]) => pattern.test(error.message))
  if (text) return fail(text[1], text[2])
  // A text that is not one of its own may be the disconnect message of the server.
  return fail(classify(error.message)?.kind ?? 'connection-lost', 'the connection was lost')
}

/** The failure of a phase that took too long. */
export const tooLate = ({ phase, destination, remarks, limitMs }: ConnectionStage, afterMs = limitMs): Failure =>
  new Failure('timed-out', `${LATE[phase]} within ${afterMs / 1000} s: "${destination}"`, { detail: remarks.join('\n') })

/** Follows a connection to its key exchange. @returns the failure of a server that speaks another protocol than SSH; null for any other */
export function listenForSsh(client: Ssh2Client, socket: Socket, stage: ConnectionStage): () => Failure | null {
  const listen = (data: Buffer): void => {
    stage.greeting += data.toString('latin1')
    const isSsh = stage.phase === 'key exchange' || speaksSsh(stage.greeting)
    if (isSsh) stage.phase = 'key exchange'
    if (stage.greeting.length > (isSsh ? SSH_OFFER_BYTES : SSH_PREAMBLE_BYTES)) socket.off('data', listen)
  }
  socket.once('connect', () => (stage.phase = 'greeting'))
  // Later ones renew the keys.
  client.once('handshake', () => {
    stage.phase = 'login'
    socket.off('data', listen)
  })
  socket.on('data', listen)
  return () => {
    if (stage.greeting === '' || speaksSsh(stage.greeting)) return null
    const line = oneLine(stage.greeting.split('\n', 1)[0] ?? '').slice(0, QUOTED_CHARACTERS)
    const hint = 'check host and port; SSH servers usually listen on port 22'
    return new Failure('remote-error', `"${stage.destination}" is no SSH server: it says "${line}"`, { hint })
  }
}

const speaksSsh = (words: string): boolean => /^SSH-/m.test(words)
