// A limit that is broken fails its tests, and lets their files end.
import { PassThrough } from 'node:stream'
import { expect, test } from '@jest/globals'
import { inTime, stopClock, until } from '../support/clock.ts'
import { forever, say } from '../support/hostile-bytes.ts'

stopClock()
const never = new Promise<never>(() => {})
const messageOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: Error) => error.message)

test('work that no limit ends fails', async () => {
  expect(await messageOf(inTime(never, 1000))).toBe('no limit ended it within 1 s on the clock')
})

let left: readonly Promise<unknown>[] = []
test('a test that ends before its work', () => {
  left = [until(() => false), inTime(never, Infinity)].map(messageOf)
})

test('leaves nothing that waits', async () => {
  expect(await Promise.all(left)).toEqual(['the test is over', 'the test is over'])
})

test('a server that nothing stops cuts the connection', async () => {
  const connection = new PassThrough().resume()
  await say(connection, [forever(Buffer.from('x'))], { taken: 0, most: 2 ** 20, isWaiting: false })
  expect(connection.destroyed).toBe(true)
})
