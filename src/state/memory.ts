import { entryName, entryPrefix, parseEntryName, type State } from './state.ts'
import type { Store } from './store.ts'

/** How long a store may hold up a run, in all and for all its mirrors: one that is slow or broken costs no more. */
const PATIENCE_MS = 2000
/** How much of that an answer may take, so that something is left for keeping. */
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
 * What a run knows of earlier runs and leaves for the next, for one mirror or for all mirrors of a step: they share one store, and one patience with it. Mirrors
 * that wait for it do so one after the other.
 */
export class Memory {
  readonly #store: Store
  readonly #now: () => Date
  readonly #known = new Map<string, Promise<Known>>()
  #left = PATIENCE_MS
  #problem: string | null = null

  constructor(store: Store, now: () => Date) {
    this.#store = store
    this.#now = now
  }

  /** Begins to look, so that later nobody has to wait for long. */
  expect(id: string): void {
    if (!this.#known.has(id)) this.#known.set(id, this.#find(id))
  }

  /** Waits as long as there is patience left. */
  async recall(id: string): Promise<Known> {
    this.expect(id)
    const startedAt = this.#now().getTime()
    const known = (await this.#known.get(id)) ?? { state: null, problem: null }
    this.#left -= this.#now().getTime() - startedAt
    return known
  }

  /**
   * Leaves a state for the next run; who waits for that, and for others like it, waits no longer than there is patience left.
   * @returns what went wrong; null = it is kept
   */
  async keep(id: string, run: RunNumber, state: State): Promise<string | null> {
    this.#known.set(id, Promise.resolve({ state, problem: null }))
    if (this.#left <= 0) return this.#problem ?? TOO_LATE
    return this.#noted(await this.#store.keep(entryName(id, run, state), this.#left))
  }

  /** Ends whatever is still waiting. */
  async close(): Promise<void> {
    await this.#store.close()
  }

  async #find(id: string): Promise<Known> {
    const limit = Math.min(FINDING_MS, this.#left)
    if (limit <= 0) return { state: null, problem: this.#problem ?? TOO_LATE }
    const found = await this.#store.find(entryPrefix(id), limit)
    if ('problem' in found) return { state: null, problem: this.#noted(found.problem) }
    return { state: found.name === null ? null : parseEntryName(id, found.name), problem: null }
  }

  #noted(problem: string | null): string | null {
    this.#problem = problem ?? this.#problem
    return problem
  }
}

const TOO_LATE = 'the cache has held up this run for long enough'
