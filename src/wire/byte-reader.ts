import { Failure } from '../errors/failure.ts'
import { IDLE_MS } from '../limits/limits.ts'
import { EMPTY } from './byte-queue.ts'

/** Bytes that arrive in pieces of any size, taken in the amounts that their reader wants. Holds no more than the piece at hand and what was asked for. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>
  #piece: Buffer = EMPTY
  /** Offset of the first byte in the piece that is not taken yet. */
  #at = 0
  #taken = 0

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** Bytes handed out so far. */
  get taken(): number {
    return this.#taken
  }

  /** Exactly so many bytes; null at the end. @throws Failure `connection-lost` when only a part of them comes, `timed-out`; the error of the source */
  async exactly(length: number): Promise<Buffer | null> {
    if (this.#left >= length) return this.#cut(length)
    const pieces: Buffer[] = []
    let size = this.#left
    if (size > 0) pieces.push(this.#piece.subarray(this.#at))
    let begun: number | null = null
    while (size < length) {
      const piece = await this.#pull()
      if (piece === null) {
        if (size === 0) return null
        // The rest may be a text, which the caller then shows.
        this.#hold(Buffer.concat(pieces))
        throw new Failure('connection-lost', `the answer ends in the middle: ${size} of ${length} bytes`)
      }
      pieces.push(piece)
      size += piece.length
      if (size >= length) break
      // Single bytes are no silence, and would go on for as long as their sender likes.
      begun ??= performance.now()
      if (performance.now() - begun > IDLE_MS)
        throw new Failure('timed-out', `the server did not complete a packet within ${IDLE_MS / 1000} s: ${size} of ${length} bytes`)
    }
    this.#hold(pieces.length === 1 ? (pieces[0] ?? EMPTY) : Buffer.concat(pieces, size))
    return this.#cut(length)
  }

  /** Exactly so many bytes if they are here already; null where they must be waited for. */
  held(length: number): Buffer | null {
    return this.#left >= length ? this.#cut(length) : null
  }

  /** The bytes that have arrived, at most `limit` and perhaps none. */
  arrived(limit: number): Buffer {
    return this.#cut(Math.min(limit, this.#left))
  }

  /** All bytes that are left, in the pieces in which they arrive. @throws the error of the source */
  async *rest(): AsyncGenerator<Buffer, void, void> {
    if (this.#left > 0) yield this.#cut(this.#left)
    for (let piece = await this.#pull(); piece !== null; piece = await this.#pull()) {
      this.#hold(piece)
      yield this.#cut(piece.length)
    }
  }

  get #left(): number {
    return this.#piece.length - this.#at
  }

  #hold(piece: Buffer): void {
    this.#piece = piece
    this.#at = 0
  }

  #cut(length: number): Buffer {
    const bytes = this.#piece.subarray(this.#at, this.#at + length)
    this.#at += length
    this.#taken += length
    return bytes
  }

  async #pull(): Promise<Buffer | null> {
    const { done, value } = await this.#source.next()
    return done === true ? null : value
  }
}
