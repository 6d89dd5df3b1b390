// Memory that ssh2 alone does not limit: data that a server does not read, data beyond the window, answers, and lists of host keys.
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Client, Connection, ServerChannel } from 'ssh2'
import { limitMemory } from '../../src/ssh/bounds.ts'
import { connectSsh } from '../../src/ssh/client.ts'
import { settle, until } from '../support/clock.ts'
import { filled, TOO_MUCH } from '../support/hostile-bytes.ts'
import { failureOf } from '../support/hostile-sides.ts'
import { type HostileSsh, startHostileSsh } from '../support/hostile-ssh.ts'

const [GLOBAL, WINDOW_ADJUST, DATA] = [80, 93, 94]
const number = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value].map(byte => byte & 255))
const text = (value: string): Buffer => Buffer.concat([number(value.length), Buffer.from(value, 'latin1')])
const QUESTION = Buffer.concat([text('keepalive@openssh.com'), Buffer.of(1), Buffer.from(filled('', 4000))])

/** Parts of ssh2's server that it keeps to itself. */
interface Inside extends Connection {
  readonly _sock: { pause(): void }
  readonly _protocol: { readonly _handlers: object }
}
const insideOf = (channel: ServerChannel) => channel as unknown as { readonly _client: Inside; readonly outgoing: { readonly id: number } }

let ssh: HostileSsh
beforeAll(async () => {
  ssh = await startHostileSsh()
})
afterAll(() => ssh?.stop())
beforeEach(() => ssh.reset())

const start = async () => {
  const command = await (await connectSsh(ssh.target)).exec("git-receive-pack 'r'")
  command.stderr.resume()
  return command
}

describe('a server with a window of any size gets no more than it takes', () => {
  const MEGABYTE = Buffer.alloc(2 ** 20)

  test.each([
    ['while it reads nothing', false],
    ['while it leaves an exchange of keys open', true],
  ])('%s', async (_, exchanges) => {
    ssh.plan = {
      exec: (accept, _reject, wire) => {
        const { _client: connection, outgoing } = insideOf(accept())
        wire.send(WINDOW_ADJUST, Buffer.concat([number(outgoing.id), number(0x7fffffff)]))
        connection._sock.pause()
        if (exchanges) connection.rekey()
        wire.wait()
      },
    }
    const { stream, cut, exit } = await start()
    await until(() => ssh.noted.isWaiting)
    await settle()
    let megabytes = 0
    while (megabytes < 64 && !stream.writableNeedDrain) {
      megabytes += 1
      stream.write(MEGABYTE)
      if (stream.writableNeedDrain) await settle()
    }
    // The system takes some, too.
    expect(megabytes).toBeLessThan(exchanges ? 4 : 32)
    cut()
    await failureOf(exit)
  })
})

test('a server that takes no answers is read no more until it does', () => {
  let isRead = true
  const socket = Object.assign(new EventEmitter(), {
    writableLength: 0,
    pause: () => {
      isRead = false
      return socket
    },
    resume: () => {
      isRead = true
    },
  })
  limitMemory({ _protocol: { _handlers: {} } } as unknown as Client, socket as unknown as Socket, () => {})
  const looks = [0, 2 ** 18, 2 ** 18 + 1].map(unsent => {
    socket.writableLength = unsent
    socket.emit('data')
    return isRead
  })
  socket.emit('drain')
  expect([...looks, isRead]).toEqual([true, true, false, true])
})

test('the host keys that a server lists are acknowledged at once, and no proof of them is asked for', async () => {
  const asked: string[] = []
  let isAnswered = false
  ssh.plan = {
    exec: (accept, _, wire) => {
      const { _client: connection } = insideOf(accept())
      Object.assign(connection._protocol._handlers, {
        GLOBAL_REQUEST: (_protocol: unknown, name: string) => void asked.push(name),
        REQUEST_FAILURE: () => {
          isAnswered = true
        },
      })
      const key = Buffer.from(ssh.knownHosts.split(' ').at(-1) ?? '', 'base64').toString('latin1')
      wire.send(GLOBAL, Buffer.concat([text('hostkeys-00@openssh.com'), Buffer.of(0), text(key)]))
      wire.send(GLOBAL, QUESTION)
    },
  }
  const { cut, exit } = await start()
  await until(() => isAnswered)
  expect(asked).toEqual(['keepalive@openssh.com'])
  cut()
  await failureOf(exit)
})

test('a server that sends more than its window is given up', async () => {
  ssh.plan = {
    exec: (accept, _, wire) => {
      accept()
      wire.flood(DATA, Buffer.concat([number(0), text(filled('x', 30_000))]), false)
    },
  }
  const { stream, exit } = await start()
  await until(() => ssh.open() === 0 || ssh.noted.taken >= TOO_MUCH)
  expect(ssh.noted.taken).toBeLessThan(TOO_MUCH)
  stream.resume()
  expect(await failureOf(exit)).toMatchObject({ kind: 'answer-too-large' })
})

test('nothing is compressed: a packet could become a thousand times as large', async () => {
  const server = await startHostileSsh({ compress: ['zlib@openssh.com', 'zlib'] })
  const failing = failureOf(connectSsh(server.target)).finally(() => server.stop())
  expect(await failing).toMatchObject({ kind: 'ssh-algorithms' })
})
