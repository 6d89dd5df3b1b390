// Bytes that move are the progress of git-lfs. The file in which it notes its progress must not fill the disk.
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runLfs } from '../../src/git/lfs.ts'
import { openLfsStore } from '../../src/lfs/store.ts'
import { IDLE_BYTES, LFS_PROGRESS_CHARACTERS } from '../../src/limits/limits.ts'
import { openSession } from '../../src/session/session.ts'
import { endOfTest, inTime, stopClock } from '../support/clock.ts'
import { createBare } from '../support/git-repository.ts'
import { hostWith, PROGRAM } from '../support/mirror.ts'
import { settingsFrom } from '../support/settings.ts'

async function open() {
  const settings = settingsFrom({ 'repository-url': await createBare(), 'remote-url': await createBare() })
  const signal = endOfTest()
  const session = openSession(
    settings,
    hostWith(() => {}),
    { env: { PATH: process.env['PATH'] }, program: PROGRAM, signal },
  )
  const [source, destination, local] = await Promise.all([session.lfs('here'), session.lfs('there'), session.local()])
  return { source, destination, local, stallMs: 300_000 }
}

describe('a server that never answers', () => {
  const sockets: Socket[] = []
  const silent = createServer(socket => void sockets.push(socket.on('error', () => {})))
  beforeAll(async () => {
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
  })
  afterAll(() => {
    silent.close()
    for (const socket of sockets) socket.destroy()
  })
  stopClock()

  const STALL_MS = 16_000
  test.each([
    ['nothing moves', 0],
    ['bytes trickle, fewer than count', IDLE_BYTES - 4],
  ])('%s: git-lfs is ended', async (_, bytes) => {
    const { source } = await open()
    const startedAt = performance.now()
    const ended = runLfs(['locks', '--remote', 'here'], {
      ...source,
      ...{ cwd: await createBare(), progressFile: join(source.cwd, 'progress'), stallMs: STALL_MS, isTooMuch: async () => false },
      settings: ['-c', `remote.here.lfsurl=http://127.0.0.1:${(silent.address() as AddressInfo).port}/x`],
      bytesMoved: async () => Math.floor(((performance.now() - startedAt) / STALL_MS) * bytes),
    })
    expect(await inTime(ended, Infinity)).toMatchObject({ ended: { kind: 'lfs-stalled' } })
  })
})

test('the file of the progress is emptied when it is large, and what it said counts on', async () => {
  const options = await open()
  const store = await openLfsStore(options)
  const file = join(options.local.cwd, 'lfs-from-here.git', 'progress')
  let bytes = 0
  const line = (): string => `download 1/2 ${++bytes}/1000000000 ${'a'.repeat(64)}\n`
  const size = line().length
  for (const lines of [1, 10, LFS_PROGRESS_CHARACTERS / size, 10, LFS_PROGRESS_CHARACTERS / size, 1]) {
    writeFileSync(file, Array.from({ length: lines }, line).join(''), { flag: 'a' })
    expect(await store.progress()).toEqual({ objects: 0, bytes })
    expect(statSync(file).size).toBeLessThanOrEqual(LFS_PROGRESS_CHARACTERS)
  }
})

test('a file of the progress that is too large to be read is emptied, too', async () => {
  const options = await open()
  const store = await openLfsStore(options)
  const file = join(options.local.cwd, 'lfs-from-here.git', 'progress')
  writeFileSync(file, Buffer.alloc(2 ** 26))
  expect(await store.progress()).toEqual({ objects: 0, bytes: 0 })
  expect(statSync(file).size).toBe(0)
})
