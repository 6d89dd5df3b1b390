/** An answer of the store; a problem ends no run. */
export type Found = { readonly name: string | null } | { readonly problem: string }

/** Keeps names between runs. No call throws; several may be made at the same time, and any of them may never be answered. */
export interface Store {
  /** The newest name with this beginning; null = there is none. */
  find(prefix: string): Promise<Found>
  /** @returns the error; null = stored */
  keep(name: string): Promise<string | null>
  /** Resolves when it can be asked. The time until then is our own, and counts for no limit. */
  ready(): Promise<unknown>
  /** Waits for one of its answers, or what follows from one; null = there is none yet. @param limitMs after which the wait is given up */
  within<T extends object>(answer: Promise<T>, limitMs: number): Promise<T | null>
  /** Ends the requests that are not answered. */
  close(): Promise<void>
}
