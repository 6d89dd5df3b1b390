import { setMaxListeners } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { Failure } from '../errors/failure.ts'

/** Why a run ends at its time limit. Pure. */
export const overdue = (minutes: number): Failure =>
  new Failure('timed-out', `the run was not done after ${minutes === 1 ? 'a minute' : `${minutes} minutes`}`, {
    hint: 'look at what it was waiting for; where it only has much to do, raise `timeout-minutes`',
  })

/**
 * Makes the signals of runs: each aborts after its time, with the reason given, or together with the interruption of the process. They do not keep the
 * process alive.
 */
export const alarmFor =
  (interrupted: AbortSignal) =>
  (milliseconds: number, reason: Error): AbortSignal => {
    const controller = new AbortController()
    // Every connection and process of the run listens.
    setMaxListeners(0, controller.signal)
    setTimeout(() => controller.abort(reason), milliseconds).unref()
    if (interrupted.aborted) controller.abort(interrupted.reason)
    interrupted.addEventListener('abort', () => controller.abort(interrupted.reason))
    return controller.signal
  }

/** Waits, at most until the signal aborts. */
export const pauseUntil = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  wait(milliseconds, undefined, { signal }).catch(() => {})
