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

export type Memory = ReturnType<typeof memoryIn>

/**
 * Reads the state that earlier runs left, and stores it for the next, for all mirrors of a step. They share one store and one limit of the time for which
 * they wait for it.
 */
export function memoryIn(store: Store, now: () => Date) {
  const lookups = new Map<string, Promise<Known>>()
  let left = CACHE_MS
  /** Why no further request is made; null = the store answers. */
  let problem: string | null = null

  const find = async (id: string): Promise<Known> => {
    if (problem !== null) return { state: null, problem }
    const found = await store.find(entryPrefix(id))
    if ('problem' in found) return { state: null, problem: found.problem }
    return { state: found.name === null ? null : parseEntryName(id, found.name), problem: null }
  }
  const lookup = (id: string): Promise<Known> => {
    const known = lookups.get(id) ?? find(id)
    lookups.set(id, known)
    return known
  }
  /** Stops further requests to a store that does not answer in time, unless it answers later. */
  const waitFor = async <T extends object>(answer: Promise<T>, atMostMs: number): Promise<T | null> => {
    await store.ready()
    const limit = problem === null ? Math.max(0, Math.min(atMostMs, left)) : 0
    const startedAt = now().getTime()
    const result = await store.within(answer, limit)
    left -= now().getTime() - startedAt
    if (result !== null) return result
    problem ??= `the cache did not answer within ${(limit / 1000).toFixed(1)} s`
    void answer.then(() => {
      problem = null
    })
    return null
  }
  return {
    /** Starts the lookup, so that `recall` waits less. */
    expect: (id: string) => void lookup(id),
    recall: async (id: string): Promise<Known> => {
      const inTime = await waitFor(lookup(id), CACHE_LOOKUP_MS)
      if (inTime !== null) return inTime
      const unknown = { state: null, problem }
      // A late answer must not change the state during the run.
      lookups.set(id, Promise.resolve(unknown))
      return unknown
    },
    /** Starts to store a state for the next run. @returns waits for the end, and resolves with the error; null = stored */
    keep: (id: string, run: RunNumber, state: State): (() => Promise<string | null>) => {
      lookups.set(id, Promise.resolve({ state, problem: null }))
      const late = problem
      if (late !== null) return async () => late
      const kept = store.keep(entryName(id, run, state)).then(error => ({ error }))
      return async () => ((await waitFor(kept, CACHE_MS)) ?? { error: problem }).error
    },
    close: () => store.close(),
  }
}
