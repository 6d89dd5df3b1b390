import type { ClientRequest } from 'node:http'
import type { Writable } from 'node:stream'
import { REQUEST_HEAD_BYTES } from '../limits/limits.ts'
import type { IdleWatch } from '../tasks/idle-watch.ts'
import { EMPTY } from '../wire/byte-queue.ts'
import type { Body } from './transport.ts'

/** The body's next piece; null once it is not wanted any more. @throws the error of the body */
export function nextPiece(pieces: AsyncIterator<Buffer>, unwanted: AbortSignal): Promise<IteratorResult<Buffer> | null> {
  return new Promise((resolve, reject) => {
    const give = () => resolve(null)
    if (unwanted.aborted) return give()
    // Taken away again each time: a race with a promise that stays would hold on to every piece.
    unwanted.addEventListener('abort', give)
    pieces
      .next()
      .then(resolve, reject)
      .finally(() => unwanted.removeEventListener('abort', give))
  })
}

/** Waits for an event of a stream, or until the stream has failed or the signal comes. */
export function untilEvent(stream: Writable, event: 'drain' | 'finish', signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const events = [event, 'close', 'error']
    const done = () => {
      for (const name of events) stream.off(name, done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    for (const name of events) stream.on(name, done)
    signal.addEventListener('abort', done)
    if (signal.aborted || stream.destroyed) done()
  })
}

/** Ends a body of which no more is wanted. */
export function leave(pieces: AsyncIterator<Buffer> | null): void {
  pieces?.return?.().catch(() => {})
}

/** A body whose beginning has been read already. */
export interface PreparedBody {
  readonly head: Buffer
  /** null where the head is the whole body. */
  readonly rest: AsyncIterator<Buffer> | null
  /** Bytes of the whole body; null if they are not known. */
  readonly length: number | null
}

/** Sent in pieces, so that progress is seen on a slow line. */
const PIECE = 65_536

/** Reads the beginning of a body. @throws the error of the body */
export async function prepareBody(body: Body, signal: AbortSignal): Promise<PreparedBody> {
  if (Buffer.isBuffer(body)) return { head: body, rest: null, length: body.length }
  const iterator = body[Symbol.asyncIterator]()
  const pieces: Buffer[] = []
  let size = 0
  while (size <= REQUEST_HEAD_BYTES) {
    const next = await nextPiece(iterator, signal)
    if (next === null) {
      leave(iterator)
      return { head: EMPTY, rest: null, length: 0 }
    }
    if (next.done === true) return { head: Buffer.concat(pieces, size), rest: null, length: size }
    pieces.push(next.value)
    size += next.value.length
  }
  return { head: Buffer.concat(pieces, size), rest: iterator, length: body.length ?? null }
}

/** Sends a body to its end; stops early, with the request unfinished, when the signal comes or the connection breaks. @throws the error of the body */
export async function sendBody(out: ClientRequest, { head, rest }: PreparedBody, watch: IdleWatch, signal: AbortSignal): Promise<void> {
  const isOver = () => signal.aborted || out.destroyed
  const send = async (bytes: Buffer): Promise<void> => {
    for (let start = 0; start < bytes.length && !isOver(); start += PIECE) {
      if (!out.write(bytes.subarray(start, start + PIECE))) await watch.wait(untilEvent(out, 'drain', signal))
    }
  }
  await send(head)
  while (rest !== null && !isOver()) {
    const next = await watch.hold(nextPiece(rest, signal))
    if (next === null || next.done === true) break
    await send(next.value)
  }
  if (isOver()) return leave(rest)
  out.end()
  if (!out.writableFinished) await watch.wait(untilEvent(out, 'finish', signal))
}
