import { entryName, entryPrefix, parseEntryName, type State } from './state.ts'
import type { Store } from './store.ts'

/** How long a store may hold up a run, in all and for all its mirrors: one that is slow or broken costs no more. */
const PATIENCE_MS = 2000
/** How much of that one answer may take, so that something is left for keeping. */
const FINDING_MS = 1200

/** What is known of earlier runs of a mirror. */
export interface Known {
  readonly state: State | null
  /** Why that is nothing, where it should be something. */
  readonly problem: string | null
}

/** A run, as its runner names it. */
export interface RunNumber {
  readonly id: string
  readonly attempt: string
}

/**
 * What a run knows of earlier runs and leaves for the next, for one mirror or for all mirrors of a step: they share one store, and one patience with it. What
 * counts is the time for which somebody waits; those who do, wait one after the other.
 */
export class Memory {
  readonly #store: Store
  readonly #now: () => Date
  readonly #known = new Map<string, Promise<Known>>()
  #left = PATIENCE_MS
  /** Why the store is asked for nothing more; null = it answers. */
  #problem: string | null = null

  constructor(store: Store, now: () => Date) {
    this.#store = store
    this.#now = now
  }

  /** Begins to look, so that later nobody has to wait for long. */
  expect(id: string): void {
    if (!this.#known.has(id)) this.#known.set(id, this.#find(id))
  }

  async recall(id: string): Promise<Known> {
    const known = this.#known.get(id) ?? this.#find(id)
    this.#known.set(id, known)
    const inTime = await this.#waitFor(known, FINDING_MS)
    if (inTime !== null) return inTime
    const unknown = { state: null, problem: this.#problem }
    // What a run has begun with holds to its end.
    this.#known.set(id, Promise.resolve(unknown))
    return unknown
  }

  /**
   * Begins to leave a state for the next run.
   * @returns waits for it, at the end of everything, and tells what went wrong; null = it is kept
   */
  keep(id: string, run: RunNumber, state: State): () => Promise<string | null> {
    this.#known.set(id, Promise.resolve({ state, problem: null }))
    const late = this.#problem
    if (late !== null) return async () => late
    const kept = this.#store.keep(entryName(id, run, state)).then(problem => ({ problem }))
    return async () => ((await this.#waitFor(kept, PATIENCE_MS)) ?? { problem: this.#problem }).problem
  }

  /** Ends whatever is still waiting. */
  async close(): Promise<void> {
    await this.#store.close()
  }

  async #find(id: string): Promise<Known> {
    if (this.#problem !== null) return { state: null, problem: this.#problem }
    const found = await this.#store.find(entryPrefix(id))
    if ('problem' in found) return { state: null, problem: found.problem }
    return { state: found.name === null ? null : parseEntryName(id, found.name), problem: null }
  }

  async #waitFor<T extends object>(answer: Promise<T>, atMostMs: number): Promise<T | null> {
    await this.#store.ready()
    const limit = this.#problem === null ? Math.max(0, Math.min(atMostMs, this.#left)) : 0
    const startedAt = this.#now().getTime()
    const result = await this.#store.within(answer, limit)
    this.#left -= this.#now().getTime() - startedAt
    if (result === null) this.#giveUp(answer, limit)
    return result
  }

  /** What has been waited for in vain is asked no more, unless it answers after all. */
  #giveUp(answer: Promise<unknown>, limit: number): void {
    this.#problem ??= `the cache did not answer within ${(limit / 1000).toFixed(1)} s`
    void answer.then(() => {
      this.#problem = null
    })
  }
}
