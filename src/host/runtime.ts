/** The parts of the process that a run uses. */
export interface Runtime {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Command that starts this program again: node and the bundle. */
  readonly program: readonly string[]
  readonly now: () => Date
  /** From 0 to 1. */
  readonly random: () => number
  /** Waits, at most until the signal aborts. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** A signal that aborts after so many milliseconds with this reason, or with the interruption of the process. */
  readonly alarm: (milliseconds: number, reason: Error) => AbortSignal
  /** Aborts, with a Failure as its reason, when the run has to end: nothing more is started, and work in progress is cancelled. */
  readonly signal?: AbortSignal | undefined
}
