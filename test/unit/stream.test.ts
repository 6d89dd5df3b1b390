import { PassThrough, type Readable, Writable } from 'node:stream'
import { describe, expect, jest, test } from '@jest/globals'
import { WORDS_BYTES } from '../../src/limits/limits.ts'
import { openReceivePack } from '../../src/transfer/relay/receive-pack.ts'
import { collectWords, converse } from '../../src/transport/stream.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { encodePacket, FLUSH } from '../../src/wire/pkt-line.ts'
import { inTime, stopClock } from '../support/clock.ts'

stopClock()
const HOUR_MS = 3_600_000

/** A receiver that takes what fits into its buffer; `take` lets it take the rest. */
function receiver(): { readonly input: Writable; readonly take: () => void } {
  const waiting: (() => void)[] = []
  let isTaking = false
  const input = new Writable({
    highWaterMark: 4,
    write: (_chunk, _encoding, done) => void (isTaking ? done() : waiting.push(done)),
  })
  const take = () => {
    isTaking = true
    for (const done of waiting.splice(0)) done()
  }
  return { input, take }
}

function conversation(input: Writable, output: Readable) {
  const cut = () => {
    input.destroy()
    output.destroy()
  }
  return converse({ input, output, ended: async () => null, cut, idleTimeoutMs: 60_000 })
}

async function* pieces(count: number, between: () => Promise<unknown> = async () => {}): AsyncGenerator<Buffer> {
  for (let piece = 0; piece < count; piece++) {
    if (piece > 0) await between()
    yield Buffer.from('12345678')
  }
}

describe('who is silent, and whether it is their turn', () => {
  test('a receiver that takes nothing more is given up, even where nobody waits for its answer', async () => {
    const { input } = receiver()
    const { sent, answer } = conversation(input, new PassThrough()).ask(pieces(3))
    await inTime(sent)
    await expect(answer.exactly(1)).rejects.toMatchObject({ kind: 'timed-out' })
    expect(input.destroyed).toBe(true)
  })

  test('a sender may think for longer than that', async () => {
    const { input, take } = receiver()
    const output = new PassThrough()
    const { sent, answer } = conversation(input, output).ask(pieces(2, () => jest.advanceTimersByTimeAsync(HOUR_MS)))
    const answered = answer.exactly(4)
    take()
    await sent
    output.end('done')
    expect((await answered)?.toString()).toBe('done')
    expect(input.destroyed).toBe(false)
  })

  test('a body is no longer asked for once the receiver is gone', async () => {
    const { input, take } = receiver()
    take()
    const { sent } = conversation(input, new PassThrough()).ask(pieces(2, () => new Promise(() => {})))
    input.destroy()
    await sent
  })
})

test('a push ends where the answer cannot be read, though the server takes nothing more', async () => {
  const { input } = receiver()
  const output = new PassThrough()
  output.write(Buffer.concat([encodePacket(`${'1'.repeat(40)} refs/heads/main\0report-status`), FLUSH]))
  const transport: Transport = { open: async () => conversation(input, output), close: () => {} }
  const receivePack = await openReceivePack(transport, 'there', () => true)
  const pushed = receivePack.push(pieces(1_000))
  output.write('zzzz')
  expect(await pushed).toMatchObject({ report: null, failure: { kind: 'protocol-error', side: 'there' } })
})

test('the end of a stderr that does not end is kept', () => {
  const stderr = new PassThrough()
  const words = collectWords(stderr)
  for (let index = 0; index < 100; index += 1) stderr.write(`${'x'.repeat(10_000)}\n`)
  stderr.write('fatal: the reason')
  expect(words()).toHaveLength(WORDS_BYTES)
  expect(words()).toMatch(/x\nfatal: the reason$/)
})
