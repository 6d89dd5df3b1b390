import { CACHE_LOOKUP_MS, CACHE_MS } from '../limits/limits.ts'
import { entryName, entryPrefix, parseEntryName, type State } from './state.ts'

/** Keeps names between runs. No call throws; several may be made at the same time, and any of them may never be answered. */
export interface Store {
  /** The newest name with this beginning; null = there is none. A problem ends no run. */
  find(prefix: string): Promise<{ readonly name: string | null } | { readonly problem: string }>
  /** @returns the error; null = stored */
  keep(name: string): Promise<string | null>
  /** Resolves when it can be asked. The time until then is our own, and counts for no limit. */
  ready(): Promise<unknown>
  /** Waits for one of its answers, or what follows from one; null = there is none yet. @param limitMs after which the wait is given up */
  within<T extends object>(answer: Promise<T>, limitMs: number): Promise<T | null>
  /** Ends the requests that are not answered. */
  close(): Promise<void>
}

/** The state that earlier runs of a mirror left. */
export interface Known {
  readonly state: State | null
  /** Why the state could not be read; otherwise null. */
  readonly problem: string | null
}

/** A run, as its runner names it. */
export type RunNumber = Parameters<typeof entryName>[1]

/**
 * Reads the state that earlier runs left, and stores it for the next, for all mirrors of a step. They share one store and one limit of the time for which
 * they wait for it.
 */
export class Memory {
  readonly #store: Store
  readonly #now: () => Date
  readonly #known = new Map<string, Promise<Known>>()
  #left = CACHE_MS
  /** Why no further request is made; null = the store answers. */
  #problem: string | null = null

  constructor(store: Store, now: () => Date) {
    this.#store = store
    this.#now = now
  }

  /** Starts the lookup, so that `recall` waits less. */
  expect(id: string): void {
    if (!this.#known.has(id)) this.#known.set(id, this.#find(id))
  }

  async recall(id: string): Promise<Known> {
    const known = this.#known.get(id) ?? this.#find(id)
    this.#known.set(id, known)
    const inTime = await this.#waitFor(known, CACHE_LOOKUP_MS)
    if (inTime !== null) return inTime
    const unknown = { state: null, problem: this.#problem }
    // A late answer must not change the state during the run.
    this.#known.set(id, Promise.resolve(unknown))
    return unknown
  }

  /** Starts to store a state for the next run. @returns waits for the end, and resolves with the error; null = stored */
  keep(id: string, run: RunNumber, state: State): () => Promise<string | null> {
    this.#known.set(id, Promise.resolve({ state, problem: null }))
    const late = this.#problem
    if (late !== null) return async () => late
    const kept = this.#store.keep(entryName(id, run, state)).then(problem => ({ problem }))
    return async () => ((await this.#waitFor(kept, CACHE_MS)) ?? { problem: this.#problem }).problem
  }

  /** Ends the requests that are not answered. */
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

  /** Stops further requests to a store that did not answer in time, unless it answers later. */
  #giveUp(answer: Promise<unknown>, limit: number): void {
    this.#problem ??= `the cache did not answer within ${(limit / 1000).toFixed(1)} s`
    void answer.then(() => {
      this.#problem = null
    })
  }
}
