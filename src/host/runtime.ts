/** What the process lends to a run. */
export interface Runtime {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Command that starts this program again: node and the bundle. */
  readonly program: readonly string[]
  readonly now: () => Date
  /** From 0 to 1. */
  readonly random: () => number
  /** Waits so long, or until the signal comes. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** A signal that comes after so many milliseconds, with this reason. */
  readonly alarm: (milliseconds: number, reason: Error) => AbortSignal
  /** Comes, with a Failure as its reason, when the run has to end: nothing is begun any more, and work in progress is cancelled. */
  readonly signal?: AbortSignal | undefined
}
