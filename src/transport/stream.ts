import type { Readable, Writable } from 'node:stream'
import { Failure, messageOf } from '../errors/failure.ts'
import { silence } from '../errors/network-codes.ts'
import { WORDS_BYTES } from '../limits/limits.ts'
import { watchIdle } from '../tasks/idle-watch.ts'
import { ByteReader } from '../wire/byte-reader.ts'
import { leave, nextPiece, untilEvent } from './body.ts'
import type { Body, CommonOptions, Conversation } from './transport.ts'

/** A git service at the other end of two streams: a process, an SSH channel, a socket. */
interface ServiceStreams extends Pick<CommonOptions, 'idleTimeoutMs' | 'signal'> {
  readonly input: Writable
  readonly output: Readable
  /** Called once the output has ended: the failure of the service, or null. */
  readonly ended: () => Promise<Failure | null>
  /** Ends the service at once, so that an unfinished request stays incomplete. */
  readonly cut: () => void
}

/** One conversation over both streams: all answers come from the one output, one after the other. */
export function converse({ input, output, ended, cut, idleTimeoutMs, signal }: ServiceStreams): Conversation {
  /** Why we ended it. */
  let reason: Failure | null = null
  const giveUp = (failure: Failure) => {
    reason ??= failure
    cut()
  }
  let [passed, isAnswered] = [0, false]
  const late = () => giveUp(silence(isAnswered, idleTimeoutMs))
  const watch = watchIdle(idleTimeoutMs, () => passed - input.writableLength, late)
  signal?.addEventListener('abort', () => giveUp(Failure.from(signal.reason)))
  // An error of the input also ends the output, which reports the reason.
  input.on('error', () => {})
  // An SSH channel whose connection broke still calls itself writable, and would never drain.
  const closed = new AbortController()
  input.once('close', () => closed.abort())

  /** A server that never says how its command ended is given up, too. */
  const outcome = async (): Promise<Failure | null> => {
    const failure = await watch.wait(ended()).catch(lost)
    return reason ?? failure
  }

  async function* read(): AsyncGenerator<Buffer> {
    const pieces = output.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>
    for (;;) {
      const next = await watch.wait(pieces.next()).catch(async (error: unknown) => {
        throw reason ?? (await outcome()) ?? lost(error)
      })
      if (reason !== null) throw reason
      if (next.done === true) break
      passed += next.value.length
      isAnswered = true
      yield next.value
    }
    const failure = await outcome()
    if (failure !== null) throw failure
  }
  const reader = new ByteReader(read())

  const send = async (body: Body): Promise<void> => {
    const pieces = piecesOf(body)
    try {
      while (input.writable && !closed.signal.aborted) {
        // A receiver may be silent for hours while the sender still thinks.
        const next = await watch.hold(nextPiece(pieces, closed.signal))
        if (next?.done === true) return
        if (next === null || !input.writable) break
        passed += next.value.length
        if (!input.write(next.value)) await watch.wait(untilEvent(input, 'drain', closed.signal))
      }
      leave(pieces)
    } catch (error) {
      cut()
      throw error
    }
  }
  return { stateless: false, greeting: reader, ask: body => ({ answer: reader, sent: send(body), abort: cut }) }
}

async function* piecesOf(body: Body): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(body)) yield body
  else yield* body
}

const lost = (cause: unknown): Failure => {
  if (cause instanceof Failure) return cause
  return new Failure('connection-lost', 'the connection was lost', { detail: messageOf(cause), cause })
}

/** The end of a service's stderr, which has the reason of a failure. */
export function collectWords(stderr: Readable): () => string {
  let text = ''
  stderr.on('data', (piece: Buffer) => {
    text = (text + piece.toString('utf8')).slice(-WORDS_BYTES)
  })
  stderr.on('error', () => {})
  return () => text
}
