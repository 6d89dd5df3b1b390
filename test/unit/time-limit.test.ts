import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { alarmFor } from '../../src/host/runtime.ts'
import { overdue } from '../../src/run/mirror.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('the signal comes at its time, with its reason', () => {
  const reason = overdue(2)
  const signal = alarmFor(new AbortController().signal)(120_000, reason)
  jest.advanceTimersByTime(119_999)
  expect(signal.aborted).toBe(false)
  jest.advanceTimersByTime(1)
  expect(signal.reason).toBe(reason)
})

test('the signal comes with the interruption of the process, also for a run that begins after it', () => {
  const interruption = new AbortController()
  const alarm = alarmFor(interruption.signal)
  const first = alarm(120_000, overdue(2))
  interruption.abort('interrupted')
  jest.advanceTimersByTime(120_000)
  expect([first, alarm(120_000, overdue(2))].map(({ reason }) => reason)).toEqual(['interrupted', 'interrupted'])
})

test('why is told, and what to do', () => {
  expect(overdue(1)).toMatchObject({ kind: 'timed-out', fault: 'network', message: 'the run was not done after a minute' })
  expect(overdue(60)).toMatchObject({
    message: 'the run was not done after 60 minutes',
    hint: expect.stringContaining('raise `timeout-minutes`'),
  })
})
