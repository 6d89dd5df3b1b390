import type { PrivateKey } from './key-pair.ts'

/** The one way in which we show a server who we are. Nothing else is offered to it. */
export type SshLogin =
  | { readonly by: 'key'; readonly key: PrivateKey }
  /** By the method `password` (RFC 4252 §8), or as the answer to a question for one (RFC 4256). */
  | { readonly by: 'password'; readonly password: string }
  /** With any key of the agent that listens on this socket. */
  | { readonly by: 'agent'; readonly socket: string }
