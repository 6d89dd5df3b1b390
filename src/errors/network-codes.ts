import { Failure } from './failure.ts'
import type { Kind } from './kinds.ts'

/** Error codes of the system and of node's resolver (getaddrinfo(3), connect(2)), for a connection that was never made. */
export const CONNECT_CODES: Readonly<Record<string, readonly [Kind, string]>> = {
  ENOTFOUND: ['host-not-found', 'the host was not found'],
  EAI_AGAIN: ['host-not-found', 'the host could not be looked up'],
  EAI_NONAME: ['host-not-found', 'the host was not found'],
  ECONNREFUSED: ['connection-refused', 'the connection was refused'],
  EHOSTUNREACH: ['connection-refused', 'the host cannot be reached'],
  ENETUNREACH: ['connection-refused', 'the network cannot be reached'],
  ETIMEDOUT: ['timed-out', 'the connection timed out'],
}

/** The failure of a server that sends nothing for too long. */
export const silence = (isAnswered: boolean, limitMs: number): Failure =>
  new Failure('timed-out', `the server ${isAnswered ? 'was silent' : 'sent no answer'} for ${limitMs / 1000} s`)
