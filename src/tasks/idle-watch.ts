import { IDLE_BYTES } from '../limits/limits.ts'

/** Notices when hardly a byte moves for too long, while something waits for the other side and nothing holds the watch. */
export class IdleWatch {
  readonly #limitMs: number
  readonly #bytes: () => number
  readonly #expire: () => void
  readonly #counts = { waits: 0, holds: 0 }
  #seen = 0
  #timer: NodeJS.Timeout | null = null

  /** @param bytes how many have passed so far, as far as they count; NaN: no matter how many @param expire called once */
  constructor(limitMs: number, bytes: () => number, expire: () => void) {
    this.#limitMs = limitMs
    this.#bytes = bytes
    this.#expire = expire
  }

  /** Waits for the other side. */
  wait<T>(work: Promise<T>): Promise<T> {
    return this.#during(work, 'waits')
  }

  /** Waits for our own side; meanwhile the other side may be silent. */
  hold<T>(work: Promise<T>): Promise<T> {
    return this.#during(work, 'holds')
  }

  async #during<T>(work: Promise<T>, what: 'waits' | 'holds'): Promise<T> {
    this.#counts[what] += 1
    this.#set()
    try {
      return await work
    } finally {
      this.#counts[what] -= 1
      this.#set()
    }
  }

  #set(): void {
    if (this.#counts.waits > 0 && this.#counts.holds === 0) {
      if (this.#timer === null) this.#arm()
    } else if (this.#timer !== null) {
      clearTimeout(this.#timer)
      this.#timer = null
    }
  }

  #arm(): void {
    this.#seen = this.#bytes()
    this.#timer = setTimeout(() => {
      if (this.#bytes() - this.#seen < IDLE_BYTES) this.#expire()
      else this.#arm()
    }, this.#limitMs)
  }
}
