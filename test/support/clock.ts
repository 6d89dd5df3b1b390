import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, jest } from '@jest/globals'

/**
 * Stops the clock of the code under test for each test of the file, until the test moves it: no server, program or machine is too slow for a limit.
 * I/O goes on, and so do `node:timers/promises`.
 */
export function stopClock(): void {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate'] }))
  afterEach(() => void jest.useRealTimers())
}

/** Moves the clock until the work has come to its end. */
export async function inTime<T>(work: Promise<T>): Promise<T> {
  let isOver = false
  const end = () => {
    isOver = true
  }
  work.then(end, end)
  while (!isOver) {
    jest.advanceTimersByTime(100)
    await setImmediate()
  }
  return await work
}

/** Waits until something is so, which the clock has no part in. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setImmediate()
}

/** Lets everything be read that has been sent over loopback. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await setImmediate()
}
