/** A queue of bytes. Whatever the size of the pieces, each byte is copied only a few times, and nothing else is kept. */
export class ByteQueue {
  #buffer: Buffer = EMPTY
  #from = 0
  #to = 0

  get length(): number {
    return this.#to - this.#from
  }

  /** All of them, until the next `push`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(this.#from, this.#to)
  }

  push(piece: Buffer): void {
    if (this.length === 0) {
      // Never written into, as there is no room behind it.
      this.#buffer = piece
      this.#from = 0
      this.#to = piece.length
      return
    }
    if (this.#to + piece.length > this.#buffer.length) this.#grow(this.length + piece.length)
    this.#to += piece.copy(this.#buffer, this.#to)
  }

  /** Takes so many off. */
  drop(length: number): void {
    this.#from += length
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(2 * needed)
    this.#to = this.#buffer.copy(larger, 0, this.#from, this.#to)
    this.#from = 0
    this.#buffer = larger
  }
}

export const EMPTY: Buffer = Buffer.alloc(0)

/** All pieces, or as many as have the given number of bytes together. @throws the error of the pieces */
export async function beginningOf(pieces: AsyncIterable<Buffer>, length: number): Promise<Buffer> {
  const queue = new ByteQueue()
  for await (const piece of pieces) {
    queue.push(piece)
    if (queue.length >= length) break
  }
  return queue.bytes
}
