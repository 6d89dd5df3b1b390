/**
 * Notices when the other side is silent for too long while it is its turn: while something waits for it, and nothing holds the watch because something of ours
 * is slow. Bytes in either direction count, also those of a piece that is not yet complete.
 */
export class IdleWatch {
  readonly #limitMs: number
  readonly #bytes: () => number
  readonly #expire: () => void
  #waits = 0
  #holds = 0
  #seen = 0
  #timer: NodeJS.Timeout | null = null

  /** @param bytes how many have passed so far, both ways @param expire called once */
  constructor(limitMs: number, bytes: () => number, expire: () => void) {
    this.#limitMs = limitMs
    this.#bytes = bytes
    this.#expire = expire
  }

  /** Waits for the other side. */
  wait<T>(work: Promise<T>): Promise<T> {
    return this.#during(work, change => {
      this.#waits += change
    })
  }

  /** Waits for something of ours, in which time the other side owes nothing. */
  hold<T>(work: Promise<T>): Promise<T> {
    return this.#during(work, change => {
      this.#holds += change
    })
  }

  async #during<T>(work: Promise<T>, count: (change: 1 | -1) => void): Promise<T> {
    count(1)
    this.#set()
    try {
      return await work
    } finally {
      count(-1)
      this.#set()
    }
  }

  #set(): void {
    if (this.#waits > 0 && this.#holds === 0) {
      if (this.#timer === null) this.#arm()
    } else if (this.#timer !== null) {
      clearTimeout(this.#timer)
      this.#timer = null
    }
  }

  #arm(): void {
    this.#seen = this.#bytes()
    this.#timer = setTimeout(() => {
      if (this.#bytes() === this.#seen) this.#expire()
      else this.#arm()
    }, this.#limitMs)
  }
}
