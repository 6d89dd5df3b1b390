/** Bytes that come at one end and go at the other. In pieces of whatever size they come, each is copied but a few times, and nothing is kept besides them. */
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
      // Not ours to write into. Nor is it ever, as there is no room behind it.
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

  clear(): void {
    this.#buffer = EMPTY
    this.#from = 0
    this.#to = 0
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(2 * needed)
    this.#to = this.#buffer.copy(larger, 0, this.#from, this.#to)
    this.#from = 0
    this.#buffer = larger
  }
}

const EMPTY: Buffer = Buffer.alloc(0)
