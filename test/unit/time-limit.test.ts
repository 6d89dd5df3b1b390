import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { abortAfter, overdue } from '../../src/run/time-limit.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('the signal comes at its time, with its reason', () => {
  const reason = overdue(2)
  const signal = abortAfter(120_000, reason)
  jest.advanceTimersByTime(119_999)
  expect(signal.aborted).toBe(false)
  jest.advanceTimersByTime(1)
  expect(signal.reason).toBe(reason)
})

test('why is told, and what to do', () => {
  expect(overdue(1)).toMatchObject({ kind: 'timed-out', fault: 'network', message: 'the run was not done after a minute' })
  expect(overdue(60)).toMatchObject({
    message: 'the run was not done after 60 minutes',
    hint: expect.stringContaining('raise `timeout-minutes`'),
  })
})
