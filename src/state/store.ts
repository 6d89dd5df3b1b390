/** An answer of the store; a problem ends no run. */
export type Found = { readonly name: string | null } | { readonly problem: string }

/** Keeps names between runs. No call throws, and none takes longer than it may; several may be made at the same time. */
export interface Store {
  /** The newest name with this beginning; null = there is none. @param limitMs after which it is given up */
  find(prefix: string, limitMs: number): Promise<Found>
  /** @returns what went wrong; null = it is kept */
  keep(name: string, limitMs: number): Promise<string | null>
  /** Ends whatever is still waiting. */
  close(): Promise<void>
}
