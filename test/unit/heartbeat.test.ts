import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { whileShowing } from '../../src/host/progress.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** Work that lasts a second, while its measure is taken. */
async function watch(measure: () => Promise<string>, work: () => Promise<string> = async () => 'done') {
  const shown: (string | null)[] = []
  let end: () => void = () => {}
  const lasting = new Promise<void>(resolve => {
    end = resolve
  })
  const progress = (describe: (() => string) | null) => void shown.push(describe === null ? null : describe())
  const result = whileShowing(progress, measure, () => lasting.then(work)).catch(error => String(error))
  await jest.advanceTimersByTimeAsync(1000)
  end()
  const ended = await result
  await jest.advanceTimersByTimeAsync(1000)
  return { shown, ended }
}

test('what lasts is measured again and again, until it is over', async () => {
  let count = 0
  expect(await watch(async () => `${++count}`)).toEqual({ shown: ['1', '2', '3', '4', null], ended: 'done' })
})

test('a measure that fails, or takes long, disturbs nothing', async () => {
  expect(await watch(async () => Promise.reject(new Error('no such file')))).toEqual({ shown: [null], ended: 'done' })
  expect(await watch(() => new Promise(() => {}))).toEqual({ shown: [null], ended: 'done' })
})

test('work that fails fails, and nothing is shown any more', async () => {
  const failing = async () => Promise.reject(new Error('broken'))
  expect(await watch(async () => 'x', failing)).toEqual({ shown: ['x', 'x', 'x', 'x', null], ended: 'Error: broken' })
})
