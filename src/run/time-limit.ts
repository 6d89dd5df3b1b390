import { setMaxListeners } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { Failure } from '../errors/failure.ts'

/** Why a run that has had its time is ended. Pure. */
export const overdue = (minutes: number): Failure =>
  new Failure('timed-out', `the run was not done after ${minutes === 1 ? 'a minute' : `${minutes} minutes`}`, {
    hint: 'look at what it was waiting for; where it only has much to do, raise `timeout-minutes`',
  })

/** A signal that comes after so much time, with a reason. Does not keep the process alive. */
export function abortAfter(milliseconds: number, reason: Error): AbortSignal {
  const controller = new AbortController()
  // Everything that is under way listens.
  setMaxListeners(0, controller.signal)
  setTimeout(() => controller.abort(reason), milliseconds).unref()
  return controller.signal
}

/** Waits so long, or until the signal comes. */
export const pauseUntil = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  wait(milliseconds, undefined, { signal }).catch(() => {})
