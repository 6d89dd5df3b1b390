import { setMaxListeners } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'

/** The environment, program and clock of the process, as a run uses them. */
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

/** The runtime of this process. @param interrupted aborts when the process has to end */
export const runtimeOf = (env: NodeJS.ProcessEnv, program: readonly string[], interrupted: AbortSignal): Runtime => ({
  env,
  program,
  now: () => new Date(),
  random: Math.random,
  pause: (milliseconds, signal) => wait(milliseconds, undefined, { signal }).catch(() => {}),
  alarm: alarmFor(interrupted),
})

/** Makes the signals of runs: each aborts after its time, or with the interruption of the process. They do not keep the process alive. */
export const alarmFor =
  (interrupted: AbortSignal): Runtime['alarm'] =>
  (milliseconds, reason) => {
    const controller = new AbortController()
    // Every connection and process of the run listens.
    setMaxListeners(0, controller.signal)
    setTimeout(() => controller.abort(reason), milliseconds).unref()
    if (interrupted.aborted) controller.abort(interrupted.reason)
    interrupted.addEventListener('abort', () => controller.abort(interrupted.reason))
    return controller.signal
  }
