import type { Service } from '../git/process.ts'
import type { Side } from '../remote/side.ts'
import type { ByteReader } from '../wire/byte-reader.ts'

/** The options that all transports have in common. */
export interface CommonOptions {
  readonly side: Side
  /** Takes secrets out of a text. */
  readonly hide: (text: string) => string
  /** Longest silence while we wait for the other side. */
  readonly idleTimeoutMs: number
  /** Ends everything that is open, and prevents opening more, with its reason, a Failure. */
  readonly signal?: AbortSignal | undefined
}

/** A request's body: a buffer, or a stream, with its bytes if they are known. If the stream throws, the connection is cut, so that the request stays incomplete. */
export type Body = Buffer | (AsyncIterable<Buffer> & { readonly length?: number | undefined })

/** A repository, as the place where git's two services can be spoken to (gitprotocol-pack(5), gitprotocol-http(5)). */
export interface Transport {
  /** Opens a service and returns its greeting, which has the version that the server speaks. @param protocol the requested version @throws Failure */
  open(service: Service, protocol: 0 | 2): Promise<Conversation>
  /** Ends everything that is still open. Never throws. */
  close(): void
}

/** A service that was opened. */
export interface Conversation {
  /** The service keeps no state between two requests (HTTP), so that each must repeat everything. */
  readonly stateless: boolean
  /** Capabilities and, before protocol v2, the refs. Throws a Failure when it cannot be read. */
  readonly greeting: ByteReader
  /** Sends a request: one at a time, unless the service is stateless. */
  ask(body: Body): Exchange
}

export interface Exchange {
  /** The answer; may be read while the request is being sent, and must be if the request is long. Throws a Failure when the connection breaks. */
  readonly answer: ByteReader
  /** Resolves when all is sent, or when the connection broke, which the answer reports. Rejects only with the error of the body. */
  readonly sent: Promise<void>
  /** Ends it at once, and the conversation, unless the service is stateless. An unfinished request stays incomplete. Never throws. */
  abort(): void
}
