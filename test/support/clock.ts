import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, jest } from '@jest/globals'

const DAY_MS = 86_400_000

let ending = new AbortController()
afterEach(() => {
  ending.abort(new Error('the test is over'))
  ending = new AbortController()
})

/** Aborts at the end of the test. A test that jest has given up for its time would otherwise go on, and its file would not end. */
export const endOfTest = (): AbortSignal => ending.signal

/**
 * Stops the clock of the code under test for each test of the file, until the test moves it: no server, program or machine is too slow for a limit.
 * I/O goes on, and so do `node:timers/promises`.
 */
export function stopClock(): void {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate'] }))
  afterEach(() => void jest.useRealTimers())
}

/** The clock behind jest's timers, which jest does not show. */
type Clocked = Readonly<Record<'clock', { jump(ms: number): void }>>

/**
 * Moves the clock until the work has come to its end. Throws if no limit ends it. The clock jumps: a timer that repeats is due once each time, as after a
 * pause of the machine. It does not look at the memory of git thousands of times.
 * @param mostMs on the clock; a day is more than any limit of the code, and `Infinity` for work that waits for another process
 * @param stepMs how far it jumps each time; a whole limit where nothing else is to happen within it
 */
export async function inTime<T>(work: Promise<T>, mostMs = DAY_MS, stepMs = 100): Promise<T> {
  const signal = endOfTest()
  let isOver = false
  const end = () => {
    isOver = true
  }
  work.then(end, end)
  for (let passed = 0; !isOver; passed += stepMs) {
    if (passed >= mostMs) throw new Error(`no limit ended it within ${mostMs / 1000} s on the clock`)
    ;(setTimeout as unknown as Clocked).clock.jump(stepMs)
    await (mostMs === Infinity ? delay(1) : setImmediate())
    signal.throwIfAborted()
  }
  return await work
}

/** Turns after which what is waited for comes from another process, which needs the processor itself. */
const QUICK_TURNS = 100

/** Waits until something is so, which the clock has no part in. */
export async function until(isSo: () => boolean): Promise<void> {
  const signal = endOfTest()
  for (let turn = 0; !isSo(); turn += 1) {
    await (turn < QUICK_TURNS ? setImmediate() : delay(1))
    signal.throwIfAborted()
  }
}

/** Lets everything be read that has been sent over loopback. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await setImmediate()
}
