// A timer may be early by a part of a millisecond.
const SLACK_MS = 0.5

/** Runs actions at their time, always in the order in which they were added. */
export class DelayLine {
  readonly #waiting: { readonly due: number; readonly act: () => void }[] = []
  #timer: NodeJS.Timeout | null = null

  put(due: number, act: () => void): void {
    this.#waiting.push({ due, act })
    if (this.#timer === null) this.#run()
  }

  /** Drops all pending actions. */
  clear(): void {
    this.#waiting.length = 0
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #run(): void {
    this.#timer = null
    const now = performance.now()
    while (this.#waiting[0] !== undefined && this.#waiting[0].due <= now + SLACK_MS) this.#waiting.shift()?.act()
    const [next] = this.#waiting
    if (next !== undefined) this.#timer = setTimeout(() => this.#run(), next.due - now)
  }
}
