import type { Service } from '../git/serve.ts'
import type { ByteReader } from '../wire/byte-reader.ts'

/** A request's body: bytes at hand, or bytes that come as they are made. One that throws tears the connection, so that what was begun is never complete. */
export type Body = Buffer | AsyncIterable<Buffer>

/** A repository, as the place where git's two services can be spoken to (gitprotocol-pack(5), gitprotocol-http(5)). */
export interface Transport {
  /**
   * Opens a service, and gives what it says first.
   * @param protocol the version that is asked for; what the server speaks shows in its greeting
   * @throws Failure
   */
  open(service: Service, protocol: 0 | 2): Promise<Conversation>
  /** Ends everything that is still open. Never throws. */
  close(): void
}

/** A service that was opened. */
export interface Conversation {
  /** The service remembers nothing between two requests (HTTP), so that each must say everything again. */
  readonly stateless: boolean
  /** Capabilities and, before protocol v2, the refs. Throws a Failure when it cannot be read. */
  readonly greeting: ByteReader
  /** Sends a request. Where the service remembers, one at a time; else as many as are wanted. */
  ask(body: Body): Exchange
}

export interface Exchange {
  /** The answer to this request; may be read while the request is still being sent, and must be where that is long. Throws a Failure when the connection breaks. */
  readonly answer: ByteReader
  /** Resolves when all is sent, or when the connection broke, which the answer tells. Rejects only with what the body threw. */
  readonly sent: Promise<void>
  /** Ends it at once (and the conversation, where that is one connection): what is not all sent stays incomplete for ever. Never throws. */
  abort(): void
}
